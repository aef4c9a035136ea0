package dev.asyncio.conformance;

import java.util.ArrayList;
import java.util.List;

/** What a case did beside what was recorded of it. */
record Comparison(Case recorded, Case.Run actual) {

  private static final int LINES_BEFORE = 5;
  private static final int LINES_AFTER = 4;

  boolean passed() {
    return recorded.recorded().equals(actual);
  }

  /**
   * The first lines that differ, with some around them: recorded on the left, actual on the right.
   */
  String sideBySide() {
    List<String> expected = withOutcome(recorded.recorded());
    List<String> found = withOutcome(actual);
    int difference = firstDifference(expected, found);
    int from = Math.max(0, difference - LINES_BEFORE);
    int to = Math.min(Math.max(expected.size(), found.size()), difference + LINES_AFTER);
    int width = "expected".length();
    for (int i = from; i < to; i++) {
      width = Math.max(width, lineAt(i, expected).length());
    }
    var out = new StringBuilder();
    out.append(
        "%s: %s, line %d differs%n".formatted(recorded.area(), recorded.id(), difference + 1));
    appendRow(out, ' ', width, "expected", "actual");
    for (int i = from; i < to; i++) {
      String left = lineAt(i, expected);
      String right = lineAt(i, found);
      appendRow(out, left.equals(right) ? ' ' : '>', width, left, right);
    }
    return out.toString();
  }

  private static void appendRow(
      StringBuilder out, char mark, int width, String left, String right) {
    String padding = " ".repeat(width - left.length());
    String row = "  %c %s%s | %s".formatted(mark, left, padding, right);
    out.append(row.stripTrailing()).append(System.lineSeparator());
  }

  /** The index of the first line that differs; the length if none does. */
  private static int firstDifference(List<String> expected, List<String> found) {
    int i = 0;
    while (i < expected.size() && i < found.size() && expected.get(i).equals(found.get(i))) {
      i++;
    }
    return i;
  }

  private static String lineAt(int index, List<String> lines) {
    return index < lines.size() ? lines.get(index) : "";
  }

  /** The outcome counts as the last line, so that a difference in it alone shows too. */
  private static List<String> withOutcome(Case.Run run) {
    var lines = new ArrayList<>(run.trace());
    lines.add("outcome: " + run.outcome());
    return lines;
  }
}

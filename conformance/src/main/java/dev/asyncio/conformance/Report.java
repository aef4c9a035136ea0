package dev.asyncio.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What came out of many cases, as text. */
final class Report {

  private static final int SHOWN_SIDE_BY_SIDE = 5;
  private static final int NAMED_IN_AN_AREA = 10;

  private final Map<String, Integer> casesByArea = new TreeMap<>();
  private final Map<String, List<Comparison>> failedByArea = new TreeMap<>();
  private final List<Comparison> failed = new ArrayList<>();
  private int total;

  void add(Comparison comparison) {
    String area = comparison.recorded().area();
    total++;
    casesByArea.merge(area, 1, Integer::sum);
    if (!comparison.passed()) {
      failed.add(comparison);
      failedByArea.computeIfAbsent(area, _ -> new ArrayList<>()).add(comparison);
    }
  }

  boolean allPassed() {
    return failed.isEmpty();
  }

  /**
   * The first differences side by side, then the areas that have any, and last the line {@code
   * conformance: N of M}.
   */
  @Override
  public String toString() {
    var out = new StringBuilder();
    for (Comparison each : failed.subList(0, Math.min(SHOWN_SIDE_BY_SIDE, failed.size()))) {
      out.append(each.sideBySide()).append(System.lineSeparator());
    }
    failedByArea.forEach((area, ofArea) -> out.append(lineOf(area, ofArea)));
    return out.append("conformance: %d of %d".formatted(total - failed.size(), total)).toString();
  }

  private String lineOf(String area, List<Comparison> ofArea) {
    int cases = casesByArea.getOrDefault(area, 0);
    String ids =
        ofArea.stream()
            .limit(NAMED_IN_AN_AREA)
            .map(each -> each.recorded().id())
            .collect(Collectors.joining(", "));
    return "%s: %d of %d; differing: %s%s%n"
        .formatted(
            area,
            cases - ofArea.size(),
            cases,
            ids,
            ofArea.size() > NAMED_IN_AN_AREA ? ", ..." : "");
  }
}

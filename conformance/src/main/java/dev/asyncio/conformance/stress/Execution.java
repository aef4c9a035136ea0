package dev.asyncio.conformance.stress;

import dev.asyncio.LoopStatistics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a program did.
 *
 * @param trace the lines that it emitted
 * @param outcome how it ended
 * @param atEnd the loop's numbers when the program had ended and the loop had not been closed; null
 *     if it did not come to that
 * @param leftovers what was still there when the loop had been closed, in words; empty if nothing
 */
public record Execution(
    List<String> trace, String outcome, @Nullable LoopStatistics atEnd, List<String> leftovers) {

  /**
   * What an observer of the program can tell from another run, which is all but the threads: the
   * engines differ in how they keep them.
   */
  List<Object> observable() {
    return atEnd == null
        ? List.of(trace, outcome)
        : List.of(trace, outcome, atEnd.tasks(), atEnd.ready(), atEnd.timers(), atEnd.turns());
  }

  /** The first thing in which it differs from another run, as it was here. */
  String difference(Execution other) {
    for (int i = 0; i < trace.size(); i++) {
      if (i >= other.trace.size() || !trace.get(i).equals(other.trace.get(i))) {
        return "line " + (i + 1) + ": " + trace.get(i);
      }
    }
    return trace.size() + " lines, " + outcome + ", " + atEnd;
  }
}

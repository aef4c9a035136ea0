package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void the_same_trace_and_outcome_pass() {
    assertTrue(compare(new Case.Run(List.of("a", "b"), "returned None")).passed());
    assertFalse(compare(new Case.Run(List.of("a", "b"), "returned 1")).passed());
    assertFalse(compare(new Case.Run(List.of("a"), "returned None")).passed());
  }

  @Test
  void the_first_difference_is_shown_side_by_side() {
    assertEquals(
        """
        locks: case-1, line 2 differs
            expected               | actual
            a                      | a
          > b                      | c
          > outcome: returned None | outcome: deadlock
        """,
        compare(new Case.Run(List.of("a", "c"), "deadlock")).sideBySide().replace("\r\n", "\n"));
  }

  @Test
  void a_report_ends_with_how_many_passed() {
    var report = new Report();
    report.add(compare(new Case.Run(List.of("a", "b"), "returned None")));
    report.add(compare(new Case.Run(List.of(), "deadlock")));

    List<String> lines = report.toString().lines().toList();
    assertEquals("conformance: 1 of 2", lines.getLast());
    assertEquals("locks: 1 of 2; differing: case-1", lines.get(lines.size() - 2));
    assertFalse(report.allPassed());
  }

  private static Comparison compare(Case.Run actual) {
    var recorded = new Case.Run(List.of("a", "b"), "returned None");
    return new Comparison(new Case("case-1", "locks", new JsonObject(), recorded), actual);
  }
}

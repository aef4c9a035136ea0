package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** All recorded cases, on the engine that the build chose: one test for each area. */
class RecordedCasesTest {

  private static final Duration LIMIT_OF_A_CASE = Duration.ofSeconds(10);

  @TestFactory
  Stream<DynamicTest> every_case_gives_the_trace_that_cpython_gave() {
    List<Case> all = CaseFiles.readAll(List.of(Main.ownCases()));
    return all.stream()
        .collect(Collectors.groupingBy(Case::area, TreeMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(area -> DynamicTest.dynamicTest(area.getKey(), () -> replay(area.getValue())));
  }

  /** Programs of the stress, recorded on CPython: what all runs agree on is right, too. */
  @Test
  void random_programs_give_the_trace_that_cpython_gave() throws Exception {
    URL recorded = Objects.requireNonNull(getClass().getResource("/random.jsonl"));
    replay(CaseFiles.readAll(List.of(Path.of(recorded.toURI()))));
  }

  private static void replay(List<Case> cases) throws InterruptedException {
    Report report = Main.run(cases, new CaseRunner(null, LIMIT_OF_A_CASE));
    assertTrue(report.allPassed(), report::toString);
  }
}

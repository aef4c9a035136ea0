package dev.asyncio.conformance.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.asyncio.EngineKind;
import dev.asyncio.LoopStatistics;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the stress demands, of runs that are made up. */
@Timeout(60)
class StressTest {

  private static final List<String> NOTHING = List.of();

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final List<String> runs = new ArrayList<>();

  private static Execution execution(String line, String outcome, long turns, List<String> left) {
    return new Execution(
        List.of("0.000 main: tick 1", line), outcome, new LoopStatistics(0, 0, 0, turns, 2), left);
  }

  private static Execution good() {
    return execution("0.000 -: closed", "returned None", 3, NOTHING);
  }

  /** How many of three programs pass if the n-th run of all is {@code odd} and all others good. */
  private int passed(int n, Execution odd) throws InterruptedException {
    ProgramRunner runner =
        (id, _, engine) -> {
          runs.add(id + " " + engine);
          return runs.size() == n ? odd : good();
        };
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new Stress(runner, List.of(EngineKind.CARRIED, EngineKind.PORTABLE), out).run(5, 3);
  }

  private String output() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void each_program_runs_twice_on_each_engine() throws InterruptedException {
    assertEquals(3, passed(0, good()));
    String id = new RandomPrograms(5).program(0).id();
    assertEquals(
        List.of(id + " carried", id + " carried", id + " portable", id + " portable"),
        runs.subList(0, 4));
    assertEquals(12, runs.size());
    assertEquals("", output());
  }

  @Test
  void another_line_fails_and_both_are_shown() throws InterruptedException {
    assertEquals(2, passed(4, execution("0.125 -: closed", "returned None", 3, NOTHING)));
    assertTrue(output().contains("-5-0, run 2 on the portable engine: differs"), output());
    assertTrue(output().contains("first: line 2: 0.000 -: closed"), output());
    assertTrue(output().contains("now:   line 2: 0.125 -: closed"), output());
  }

  @Test
  void another_outcome_fails() throws InterruptedException {
    assertEquals(2, passed(2, execution("0.000 -: closed", "deadlock", 3, NOTHING)));
  }

  @Test
  void another_number_of_turns_fails() throws InterruptedException {
    assertEquals(2, passed(7, execution("0.000 -: closed", "returned None", 4, NOTHING)));
    assertTrue(output().contains("-5-1, run 1 on the portable engine: differs"), output());
  }

  @Test
  void whatever_is_left_behind_fails() throws InterruptedException {
    assertEquals(2, passed(1, execution("", "returned None", 3, List.of("1 timers", "2 threads"))));
    assertTrue(output().contains("left behind: 1 timers, 2 threads"), output());
  }

  @Test
  void a_run_that_does_not_end_in_its_own_way_fails() throws InterruptedException {
    assertEquals(2, passed(1, execution("", "hangs at X", 3, NOTHING)));
    assertTrue(output().contains("hangs at X"), output());
  }

  @Test
  void a_program_that_failed_is_printed_as_a_case() throws InterruptedException {
    passed(2, execution("", "deadlock", 3, NOTHING));
    String line = output().lines().filter(each -> each.startsWith("{")).findFirst().orElseThrow();
    JsonObject json = JsonParser.parseString(line).getAsJsonObject();
    assertEquals(new RandomPrograms(5).program(0).id(), json.get("id").getAsString());
    assertEquals(new RandomPrograms(5).program(0).json(), json.get("program"));
    assertEquals(2, json.getAsJsonArray("trace").size());
    assertEquals("returned None", json.get("outcome").getAsString());
  }
}

package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CaseRunnerTest {

  private final CaseRunner runner = new CaseRunner(null, Duration.ofSeconds(10));

  @Test
  void a_program_emits_its_lines_and_its_outcome() throws InterruptedException {
    Case.Run run =
        run(
            """
            {"coros": {"main": [["sleep", 0.125], ["await", ["half", 9], {"as": "n"}],
                                ["return", ["list", "n", null, true]]],
                       "half(n)": [["return", ["*", "n", 0.5]]]}}
            """);

    assertEquals(
        List.of(
            "0.125 main: sleep(0.125)",
            "0.125 main: return -> 4.5",
            "0.125 main: await(half(9)) -> 4.5",
            "0.125 main: return -> [4.5, None, True]",
            "0.125 -: run(main) -> [4.5, None, True]",
            "0.125 -: closed"),
        run.trace());
    assertEquals("returned [4.5, None, True]", run.outcome());
  }

  @Test
  void default_names_count_from_the_beginning_of_the_case() throws InterruptedException {
    String program =
        """
        {"coros": {"main": [["spawn", "t", ["job"], {"name": null}], ["await", "t"]],
                   "job": [["log", "here", "self"]]}}
        """;

    assertEquals("0.000 Task-2: here <Task-2>", run(program).trace().get(1));
    assertEquals("0.000 Task-2: here <Task-2>", run(program).trace().get(1));
  }

  @Test
  void waiting_for_what_never_comes_is_a_deadlock() throws InterruptedException {
    Case.Run run = run("{\"coros\": {\"main\": [[\"future\", \"f\"], [\"await\", \"f\"]]}}");

    assertEquals(List.of("0.000 main: future(f)"), run.trace());
    assertEquals("deadlock", run.outcome());
  }

  @Test
  void a_task_that_is_left_when_the_loop_closes_is_not_heard_any_more()
      throws InterruptedException {
    Case.Run run =
        run(
            """
            {"coros": {"main": [["spawn", "t", ["tidy"]], ["tick"]],
                       "tidy": [["try", [["sleep", 1]], ["finally", [["spawn", "k", ["late"]]]]]],
                       "late": [["try", [["sleep", 1]], ["finally", [["log", "unwound"]]]]]}}
            """);

    assertEquals(
        List.of(
            "0.000 main: spawn(t, tidy())",
            "0.000 main: tick 1",
            "0.000 -: run(main)",
            "0.000 t: sleep(1) !! CancelledError",
            "0.000 t: spawn(k, late())",
            "0.000 -: closed"),
        run.trace());
    assertEquals("returned None", run.outcome());
  }

  @Test
  void a_program_that_never_ends_is_given_up() throws InterruptedException {
    assertTrue(
        run("{\"coros\": {\"main\": [[\"while\", true, [[\"let\", \"x\", 1]]]]}}")
            .outcome()
            .startsWith("runaway"));
  }

  @Test
  void what_the_language_does_not_have_makes_a_bad_program() throws InterruptedException {
    assertEquals(
        "bad program: no such operation: dance",
        run("{\"coros\": {\"main\": [[\"dance\", \"x\"]]}}").outcome());
    assertEquals(
        "bad program: there is no coroutine main", run("{\"coros\": {\"other\": []}}").outcome());
    assertEquals(
        "bad program: no kind of exception is called Surprise",
        run("{\"coros\": {\"main\": [[\"raise\", [\"Surprise\", \"\"]]]}}").outcome());
  }

  private Case.Run run(String program) throws InterruptedException {
    var json = JsonParser.parseString(program).getAsJsonObject();
    return runner.run(new Case("id", "area", json, new Case.Run(List.of(), "")));
  }
}

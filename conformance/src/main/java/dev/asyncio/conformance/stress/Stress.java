package dev.asyncio.conformance.stress;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.asyncio.EngineKind;
import dev.asyncio.conformance.stress.RandomPrograms.RandomProgram;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs random programs, each twice on every engine. All runs of a program must do the same, down to
 * the number of the loop's turns, and nothing may be left of any: no task, callback, timer, waiter
 * or thread.
 */
public final class Stress {

  private static final int RUNS_ON_AN_ENGINE = 2;
  private static final int SHOWN = 5;
  private static final int PROGRAMS_OF_A_CENSUS = 50;

  private final ProgramRunner runner;
  private final List<EngineKind> engines;
  private final PrintStream out;
  private final ThreadCensus census = new ThreadCensus();

  /**
   * A stress.
   *
   * @param runner runs the programs
   * @param engines on which they are run
   * @param out where differences are told
   */
  public Stress(ProgramRunner runner, List<EngineKind> engines, PrintStream out) {
    this.runner = runner;
    this.engines = List.copyOf(engines);
    this.out = out;
  }

  /**
   * Runs the first programs of a seed. Those that fail are printed: what was wrong, and the program
   * with one of its traces as a recorded case, on a line of its own that can be kept in a file and
   * replayed.
   *
   * @return how many did as demanded
   */
  public int run(long seed, int count) throws InterruptedException {
    var programs = new RandomPrograms(seed);
    int threads = census.virtualThreads();
    int passed = 0;
    int shown = 0;
    for (int number = 0; number < count; number++) {
      RandomProgram program = programs.program(number);
      Failure failure = failureOf(program);
      if (failure == null) {
        passed++;
      } else if (shown++ < SHOWN) {
        out.println(failure.what());
        out.println(caseOf(program, failure.first()));
      } else {
        out.println(program.id() + " fails too");
      }
      if (number % PROGRAMS_OF_A_CENSUS == 0 || number == count - 1) {
        int now = census.settledAt(threads);
        if (now > threads) {
          out.printf("%d virtual threads too many after %s%n", now - threads, program.id());
          passed--;
          threads = now;
        }
      }
    }
    return Math.max(0, passed);
  }

  /** What is wrong with a program, in words, and its first run. */
  private record Failure(String what, Execution first) {}

  private @Nullable Failure failureOf(RandomProgram program) throws InterruptedException {
    Execution first = null;
    for (EngineKind engine : engines) {
      for (int run = 1; run <= RUNS_ON_AN_ENGINE; run++) {
        Execution execution = runner.run(program.id(), program.json(), engine);
        if (first == null) {
          first = execution;
        }
        String what = whatIsWrong(execution, first);
        if (what != null) {
          return new Failure(
              "%s, run %d on the %s engine: %s".formatted(program.id(), run, engine, what), first);
        }
      }
    }
    return null;
  }

  private static @Nullable String whatIsWrong(Execution execution, Execution first) {
    if (!isOrdinary(execution.outcome())) {
      return execution.outcome();
    }
    if (!execution.leftovers().isEmpty()) {
      return "left behind: " + String.join(", ", execution.leftovers());
    }
    if (!execution.observable().equals(first.observable())) {
      return "differs from the first run%n  first: %s%n  now:   %s"
          .formatted(first.difference(execution), execution.difference(first));
    }
    return null;
  }

  /** Whether it is one of the ways in which a program ends; the others are faults. */
  private static boolean isOrdinary(String outcome) {
    return outcome.startsWith("returned ")
        || outcome.startsWith("raised ")
        || outcome.equals("deadlock");
  }

  /** A program with a run of it, as a recorded case. */
  private static String caseOf(RandomProgram program, Execution run) {
    JsonObject json = jsonOf(program);
    var trace = new JsonArray();
    run.trace().forEach(trace::add);
    json.add("trace", trace);
    json.addProperty("outcome", run.outcome());
    return text(json);
  }

  /** A program as a line of JSON, to be recorded elsewhere. */
  public static String lineOf(RandomProgram program) {
    return text(jsonOf(program));
  }

  private static JsonObject jsonOf(RandomProgram program) {
    var json = new JsonObject();
    json.addProperty("id", program.id());
    json.addProperty("area", program.area());
    json.add("program", program.json());
    return json;
  }

  private static String text(JsonObject json) {
    return new GsonBuilder().serializeNulls().disableHtmlEscaping().create().toJson(json);
  }
}

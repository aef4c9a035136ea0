package dev.asyncio.conformance;

import com.google.gson.JsonObject;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.EngineKind;
import dev.asyncio.LoopStatistics;
import dev.asyncio.Runner;
import dev.asyncio.RunnerOptions;
import dev.asyncio.conformance.stress.Execution;
import dev.asyncio.conformance.stress.ProgramRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs programs of which no trace was recorded, and looks at what is left of them. */
final class ObservedPrograms implements ProgramRunner {

  private static final Duration LIMIT_OF_A_PROGRAM = Duration.ofSeconds(20);

  /** The engines that this JVM can give. */
  static List<EngineKind> engines() {
    return Arrays.stream(EngineKind.values()).filter(ObservedPrograms::isAvailable).toList();
  }

  private static boolean isAvailable(EngineKind engine) {
    try (var probe = new Runner(RunnerOptions.defaults().engine(engine))) {
      return probe.getLoop().engineKind() == engine;
    } catch (IllegalStateException unavailable) {
      return false;
    }
  }

  @Override
  public Execution run(String id, JsonObject program, EngineKind engine)
      throws InterruptedException {
    var observation = new Observation();
    Case.Run run =
        new CaseRunner(engine, LIMIT_OF_A_PROGRAM, observation)
            .run(new Case(id, "stress", program, new Case.Run(List.of(), "")));
    return new Execution(run.trace(), run.outcome(), observation.atEnd, observation.leftovers);
  }

  /** What is seen at the end of one program. */
  static final class Observation implements CaseRunner.Observer {

    /** How the text form of a primitive says how many wait for it. */
    private static final Pattern WAITERS =
        Pattern.compile("(?:waiters:|getters\\[|putters\\[)(\\d+)");

    private volatile @Nullable LoopStatistics atEnd;
    private volatile List<String> leftovers = List.of("everything, since it did not end");

    @Override
    public void ended(AbstractEventLoop loop) {
      if (atEnd == null) { // not when it is broken off while it is being closed
        atEnd = loop.statistics();
      }
    }

    @Override
    public void closed(AbstractEventLoop loop, Collection<Object> objects) {
      var found = new ArrayList<String>();
      LoopStatistics left = loop.statistics();
      note(left.tasks(), "tasks", found);
      note(left.ready(), "ready callbacks", found);
      note(left.timers(), "timers", found);
      note(left.strands(), "threads", found);
      for (Object object : objects) {
        note(waitersOf(object), "waiters in " + object, found);
      }
      if (AbstractEventLoop.runningOrNull() != null) {
        found.add("a loop that still runs on this thread");
      }
      leftovers = List.copyOf(found);
    }

    List<String> leftovers() {
      return leftovers;
    }

    private static void note(int count, String what, List<String> found) {
      if (count != 0) {
        found.add(count + " " + what);
      }
    }

    static int waitersOf(Object object) {
      int waiters = 0;
      Matcher match = WAITERS.matcher(object.toString());
      while (match.find()) {
        waiters += Integer.parseInt(match.group(1));
      }
      return waiters;
    }
  }
}

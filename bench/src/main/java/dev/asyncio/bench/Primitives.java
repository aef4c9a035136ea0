package dev.asyncio.bench;

import static java.util.Map.entry;

import dev.asyncio.Coroutine;
import dev.asyncio.Runner;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * The workloads of the JMH classes, measured one in a process of its own, beside another program.
 *
 * <p>Arguments: the primitive, seconds of CPU to warm up, seconds of CPU for a sample. Prints a
 * line of JSON, see {@link Sampling}. The engine is the one that the system property {@code
 * asyncio.engine} selects. {@code bench/compare primitives} drives this program.
 */
public final class Primitives {
  /** Each workload returns how many operations it made. */
  static final Map<String, Callable<Integer>> WORKLOADS =
      Map.ofEntries(
          entry("call_soon", CallSoon::chains),
          entry("switch", Switch::yields),
          entry("spawn", SpawnJoin::trivialTasks),
          entry("queue_1", Queues::throughOne),
          entry("queue_100", Queues::throughHundred),
          entry("call_later", Timers::timers),
          entry("sleep", Timers::sleeps),
          entry("timer_cancel", Timers::cancelled),
          entry("lock", Locks::locks),
          entry("lock_100", Locks::contended),
          entry("semaphore", Locks::permits),
          entry("await_done", CompletedAwait::awaits),
          entry("await_soon", AwaitSoon::awaits),
          entry("post", CrossThreadPost::posts),
          entry("ping", CrossThreadPing::roundTrips));

  private Primitives() {}

  /** Measures one primitive. */
  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("usage: Primitives NAME WARM_SECONDS SECONDS");
      System.exit(2);
    }
    Callable<Integer> workload = WORKLOADS.get(args[0]);
    if (workload == null && !args[0].equals("parked")) {
      System.exit(Sampling.NO_SUCH_PRIMITIVE);
    }
    double warm = Double.parseDouble(args[1]);
    double seconds = Double.parseDouble(args[2]);
    try (Runner runner = new Runner()) {
      System.out.println(
          runner.run(
              Coroutine.of(() ->
                  workload == null
                      ? Sampling.parked(new Parked.Tasks())
                      : Sampling.time(workload, warm, seconds))));
    }
  }
}

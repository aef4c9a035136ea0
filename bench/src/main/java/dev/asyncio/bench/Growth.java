package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Awaitable;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.Runner;
import dev.asyncio.Task;
import dev.asyncio.TimerHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What an operation costs when there are that many tasks or timers at the same time.
 *
 * <p>Arguments: the operation, the number, seconds of CPU to warm up, seconds of CPU for a sample.
 * Prints a line of JSON, see {@link Sampling}; for {@code timer_bytes}, the live heap of a pending
 * timer. {@code bench/growth} drives this program.
 */
public final class Growth {
  static final int OPERATIONS = 100_000; // at least, in one call of a workload
  private static final long FAR = 3_600_000_000_000L;

  private Growth() {}

  /** Measures one operation at one number. */
  public static void main(String[] args) {
    if (args.length != 4) {
      System.err.println("usage: Growth OPERATION NUMBER WARM_SECONDS SECONDS");
      System.exit(2);
    }
    int number = Integer.parseInt(args[1]);
    double warm = Double.parseDouble(args[2]);
    double seconds = Double.parseDouble(args[3]);
    try (Runner runner = new Runner()) {
      System.out.println(
          runner.run(
              Coroutine.of(() ->
                  args[0].equals("timer_bytes")
                      ? "{\"heap_bytes\": " + timerBytes(number) + "}"
                      : Sampling.time(workload(args[0], number), warm, seconds))));
    }
  }

  static Callable<Integer> workload(String operation, int number) {
    return switch (operation) {
      case "switch" -> new Spinning(number)::turns;
      case "spawn" -> () -> spawns(number, value -> async(() -> value));
      case "wait" -> () -> spawns(number, Growth::yielding);
      case "wake" -> new Waiting(number)::wakeAll;
      case "timer_cancel" -> new PendingTimers(number)::setAndCancel;
      case "timer_fire" -> new PendingTimers(number)::setAndFire;
      default -> throw new IllegalArgumentException("no such operation: " + operation);
    };
  }

  /** Tasks that yield for ever; the one that measures is one of them. */
  private static final class Spinning {
    private final int number;
    private final List<Task<@Nullable Void>> spinning = new ArrayList<>();

    Spinning(int number) {
      this.number = number;
      for (int i = 1; i < number; i++) {
        spinning.add(
            createTask(
                async(() -> {
                  while (true) {
                    await(sleep(Duration.ZERO));
                  }
                })));
      }
      await(sleep(Duration.ZERO));
    }

    int turns() {
      int operations = 0;
      do {
        await(sleep(Duration.ZERO)); // each of them has its turn
        operations += number;
      } while (operations < OPERATIONS);
      return operations;
    }
  }

  private static int spawns(int tasks, IntFunction<Coroutine<Integer>> task) {
    int operations = 0;
    do {
      List<Awaitable<Integer>> spawned = new ArrayList<>(tasks);
      for (int i = 0; i < tasks; i++) {
        spawned.add(task.apply(i));
      }
      operations += await(gather(spawned)).size();
    } while (operations < OPERATIONS);
    return operations;
  }

  private static Coroutine<Integer> yielding(int value) {
    return async(() -> {
      await(sleep(Duration.ZERO));
      return value;
    });
  }

  /** Tasks of which each waits for a future, and once woken for the next one. */
  private static final class Waiting {
    private final List<Future<@Nullable Void>> futures;
    private final List<Task<@Nullable Void>> tasks = new ArrayList<>();

    Waiting(int number) {
      futures = new ArrayList<>(number);
      for (int i = 0; i < number; i++) {
        int place = i;
        futures.add(runningLoop().createFuture());
        tasks.add(
            createTask(
                async(() -> {
                  while (true) {
                    await(futures.get(place));
                    futures.set(place, runningLoop().createFuture());
                  }
                })));
      }
      await(sleep(Duration.ZERO));
    }

    /** Wakes each of them, and lets it run until it waits again. */
    int wakeAll() {
      int operations = 0;
      do {
        for (Future<@Nullable Void> future : futures) {
          future.setResult(null);
        }
        await(sleep(Duration.ZERO));
        await(sleep(Duration.ZERO));
        operations += tasks.size();
      } while (operations < OPERATIONS);
      return operations;
    }
  }

  /** Timers that are far away, while others are set and cancelled, or fire. */
  private static final class PendingTimers {
    private static final int BATCH = 1_000;

    private final AbstractEventLoop loop = runningLoop();
    private final Random random = new Random(1);
    private final List<TimerHandle> pending;

    PendingTimers(int number) {
      pending = timers(loop, random, number);
    }

    int setAndCancel() {
      for (int i = 0; i < OPERATIONS; i++) {
        loop.callLater(far(random), () -> {}).cancel();
      }
      await(sleep(Duration.ZERO));
      return OPERATIONS;
    }

    /** Sets timers that are due at once, among all the pending ones, and lets them run. */
    int setAndFire() {
      for (int done = 0; done < OPERATIONS; done += BATCH) {
        for (int i = 0; i < BATCH; i++) {
          loop.callLater(Duration.ofNanos(1 + random.nextInt(1_000)), () -> {});
        }
        await(sleep(Duration.ofNanos(1_000)));
      }
      if (pending.getFirst().cancelled()) {
        throw new IllegalStateException("the timers that were to be pending are not");
      }
      return OPERATIONS;
    }
  }

  /** The loop alone holds them. */
  private static double timerBytes(int number) {
    long before = Sampling.liveHeap();
    Random random = new Random(1);
    for (int i = 0; i < number; i++) {
      runningLoop().callLater(far(random), () -> {});
    }
    return (double) (Sampling.liveHeap() - before) / number;
  }

  private static List<TimerHandle> timers(AbstractEventLoop loop, Random random, int number) {
    List<TimerHandle> handles = new ArrayList<>(number);
    for (int i = 0; i < number; i++) {
      handles.add(loop.callLater(far(random), () -> {}));
    }
    return handles;
  }

  /** Within an hour, an hour from now. */
  private static Duration far(Random random) {
    return Duration.ofNanos(FAR + random.nextLong(FAR));
  }
}

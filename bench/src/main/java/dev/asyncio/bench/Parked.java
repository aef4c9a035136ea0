package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to create a task that waits, and to wake it?
 *
 * <p>Each task is suspended on a future of its own. How many bytes it holds meanwhile is measured
 * by {@code bench/compare primitives --cells parked}, with a million of them. Target: at most 400
 * bytes of heap a task, future included, and 1,200 ns to create and park it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class Parked {
  static final int TASKS = 10_000;

  /** One task of 10,000: created, parked, woken, ended. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public int parkAndWake(OnLoop loop) {
    return loop.run(() -> {
      Tasks tasks = new Tasks();
      tasks.park(TASKS);
      tasks.wake();
      return TASKS;
    });
  }

  /** Tasks that wait for a future of their own; to be used inside a coroutine. */
  static final class Tasks implements Sampling.Parking {
    private final AbstractEventLoop loop = runningLoop();
    private final List<Future<@Nullable Void>> futures = new ArrayList<>();
    private final List<Task<@Nullable Void>> tasks = new ArrayList<>();

    @Override
    public void park(int count) {
      for (int i = 0; i < count; i++) {
        Future<@Nullable Void> future = loop.createFuture();
        futures.add(future);
        tasks.add(createTask(async(() -> await(future))));
      }
      await(sleep(Duration.ZERO)); // now each of them has run up to its await
    }

    @Override
    public void wake() {
      for (Future<@Nullable Void> future : futures) {
        future.setResult(null);
      }
      for (Task<@Nullable Void> task : tasks) {
        await(task);
      }
      futures.clear();
      tasks.clear();
    }
  }
}

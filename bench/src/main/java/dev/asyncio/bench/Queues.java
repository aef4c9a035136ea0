package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;

import dev.asyncio.Queue;
import dev.asyncio.Task;
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
 * Question: what does it cost to hand an item from one task to another through a bounded queue?
 *
 * <p>A queue of one makes the two tasks alternate; in a queue of a hundred they seldom wait.
 * Target: an eighth and a fifteenth of what CPython takes.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class Queues {
  static final int ITEMS = 100_000;

  /** One item through a queue of size 1. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public int sizeOne(OnLoop loop) {
    return loop.run(Queues::throughOne);
  }

  /** One item through a queue of size 100. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public int sizeHundred(OnLoop loop) {
    return loop.run(Queues::throughHundred);
  }

  static int throughOne() {
    return through(new Queue<>(1));
  }

  static int throughHundred() {
    return through(new Queue<>(100));
  }

  private static int through(Queue<Integer> queue) {
    Task<@Nullable Void> producer =
        createTask(
            async(() -> {
              for (int i = 0; i < ITEMS; i++) {
                await(queue.put(i));
              }
            }));
    for (int i = 0; i < ITEMS; i++) {
      int item = await(queue.get());
      if (item != i) {
        throw new IllegalStateException("expected item " + i + ", got " + item);
      }
    }
    await(producer);
    return ITEMS;
  }
}

package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.Awaitable;
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
 * Question: what does it cost a coroutine to suspend, wait its turn among others, and go on?
 *
 * <p>Target: at most 200 ns on the carried engine, 600 ns on the portable one, and a fifth of what
 * CPython takes; nothing allocated beyond what the coroutine of {@code sleep} itself needs.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class Switch {
  static final int TASKS = 100;
  static final int YIELDS = 1_000;

  /** One suspension and resumption by {@code sleep(Duration.ZERO)}, among 100 tasks doing so. */
  @Benchmark
  @OperationsPerInvocation(TASKS * YIELDS)
  public int sleepZero(OnLoop loop) {
    return loop.run(Switch::yields);
  }

  static int yields() {
    List<Awaitable<@Nullable Void>> tasks = new ArrayList<>(TASKS);
    for (int i = 0; i < TASKS; i++) {
      tasks.add(async(Switch::spin));
    }
    await(gather(tasks));
    return TASKS * YIELDS;
  }

  private static void spin() {
    for (int i = 0; i < YIELDS; i++) {
      await(sleep(Duration.ZERO));
    }
  }
}

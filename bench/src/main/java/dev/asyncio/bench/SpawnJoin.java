package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.gather;

import dev.asyncio.Awaitable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does a task that does nothing cost, from its creation to the result in the hands
 * of the one who gathered it?
 *
 * <p>Target: at most 400 ns on the carried engine and a fifth of what CPython takes. The allocation
 * column shows whether the virtual threads of finished tasks are used again.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class SpawnJoin {
  static final int TASKS = 10_000;

  /** One trivial task of 10,000 that are gathered. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public int gatherTrivial(OnLoop loop) {
    return loop.run(SpawnJoin::trivialTasks);
  }

  static int trivialTasks() {
    List<Awaitable<Integer>> tasks = new ArrayList<>(TASKS);
    for (int i = 0; i < TASKS; i++) {
      int number = i;
      tasks.add(async(() -> number));
    }
    return await(gather(tasks)).size();
  }
}

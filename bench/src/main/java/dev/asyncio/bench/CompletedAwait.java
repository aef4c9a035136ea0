package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.runningLoop;

import dev.asyncio.Future;
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
 * Question: what does {@code await} cost where there is nothing to wait for?
 *
 * <p>A thousand futures take turns, since the JIT awaits the same one only once. Target: at most 2
 * ns on both engines, no allocation, and a fifth of what CPython takes.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class CompletedAwait {
  static final int AWAITS = 100_000;
  static final int FUTURES = 1_000;

  /** One {@code await} of a future that is done. */
  @Benchmark
  @OperationsPerInvocation(AWAITS)
  public int doneFuture(OnLoop loop) {
    return loop.run(CompletedAwait::awaits);
  }

  static int awaits() {
    List<Future<Integer>> done = new ArrayList<>(FUTURES);
    for (int i = 0; i < FUTURES; i++) {
      Future<Integer> future = runningLoop().createFuture();
      future.setResult(i);
      done.add(future);
    }
    int sum = 0;
    for (int i = 0; i < AWAITS / FUTURES; i++) {
      for (Future<Integer> future : done) {
        sum += await(future);
      }
    }
    if (sum == 0) {
      throw new IllegalStateException("the results are lost");
    }
    return AWAITS;
  }
}

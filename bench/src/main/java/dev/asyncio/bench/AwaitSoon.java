package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.runningLoop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
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
 * Question: what does {@code await} cost when the result comes in the next turn of the loop?
 *
 * <p>A future is made, a callback that completes it is posted, and the future is awaited: one
 * suspension, one callback, one resumption, one poll. Target: at most 150 ns on the carried engine.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class AwaitSoon {
  static final int AWAITS = 100_000;

  /** One future made, completed by {@code callSoon} and awaited. */
  @Benchmark
  @OperationsPerInvocation(AWAITS)
  public int futureOfNextTurn(OnLoop loop) {
    return loop.run(AwaitSoon::awaits);
  }

  static int awaits() {
    AbstractEventLoop loop = runningLoop();
    int sum = 0;
    for (int i = 0; i < AWAITS; i++) {
      Future<Integer> future = loop.createFuture();
      loop.callSoon(() -> future.setResult(1));
      sum += await(future);
    }
    return sum;
  }
}

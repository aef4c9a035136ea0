package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.runningLoop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
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
 * Question: what does the loop itself take for a callback, with no coroutine in it?
 *
 * <p>100 chains of callbacks, each posting its successor: a turn of the loop runs 100 callbacks and
 * polls once, so a hundredth of a poll is in the number. Target: a fifth of what CPython takes; one
 * handle allocated a callback.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class CallSoon {
  static final int CHAINS = 100;
  static final int CALLBACKS = 100_000;

  /** One callback of a chain, posted and run. */
  @Benchmark
  @OperationsPerInvocation(CALLBACKS)
  public int chain(OnLoop loop) {
    return loop.run(CallSoon::chains);
  }

  static int chains() {
    AbstractEventLoop loop = runningLoop();
    Future<@Nullable Void> finished = loop.createFuture();
    Link link = new Link(loop, finished);
    for (int i = 0; i < CHAINS; i++) {
      loop.callSoon(link);
    }
    await(finished);
    return CALLBACKS;
  }

  private static final class Link implements Runnable {
    private final AbstractEventLoop loop;
    private final Future<@Nullable Void> finished;
    private int left = CALLBACKS;

    Link(AbstractEventLoop loop, Future<@Nullable Void> finished) {
      this.loop = loop;
      this.finished = finished;
    }

    @Override
    public void run() {
      left--;
      if (left >= CHAINS) {
        loop.callSoon(this);
      } else if (left == 0) {
        finished.setResult(null);
      }
    }
  }
}

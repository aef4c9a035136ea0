package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Awaitable;
import dev.asyncio.Future;
import dev.asyncio.TimerHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
 * Question: what does a timer cost while 100,000 of them are pending, one that fires and one that
 * wakes a coroutine; and one of a million that is cancelled in time?
 *
 * <p>The delays are random, 1 to 50 ms, so the first two have up to 500 ns of plain waiting in
 * their wall time; {@code bench/compare primitives} shows the CPU time as well. Target: a fifth of
 * what CPython takes.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class Timers {
  static final int TIMERS = 100_000;
  static final int CANCELLED = 1_000_000;

  /** One {@code callLater} of 100,000, set and run. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public int callLater(OnLoop loop) {
    return loop.run(Timers::timers);
  }

  /** One task of 100,000 that sleep at the same time, from its creation to its end. */
  @Benchmark
  @OperationsPerInvocation(TIMERS)
  public int concurrentSleeps(OnLoop loop) {
    return loop.run(Timers::sleeps);
  }

  /** One {@code callLater} of a million, set and cancelled. */
  @Benchmark
  @OperationsPerInvocation(CANCELLED)
  public int setAndCancel(OnLoop loop) {
    return loop.run(Timers::cancelled);
  }

  static int timers() {
    AbstractEventLoop loop = runningLoop();
    Future<@Nullable Void> finished = loop.createFuture();
    Countdown countdown = new Countdown(finished);
    Random random = new Random(1);
    for (int i = 0; i < TIMERS; i++) {
      loop.callLater(delay(random), countdown);
    }
    await(finished);
    return TIMERS;
  }

  static int sleeps() {
    List<Awaitable<@Nullable Void>> sleeping = new ArrayList<>(TIMERS);
    Random random = new Random(1);
    for (int i = 0; i < TIMERS; i++) {
      sleeping.add(sleep(delay(random)));
    }
    return await(gather(sleeping)).size();
  }

  static int cancelled() {
    AbstractEventLoop loop = runningLoop();
    List<TimerHandle> handles = new ArrayList<>(CANCELLED);
    for (int i = 0; i < CANCELLED; i++) {
      handles.add(loop.callLater(Duration.ofNanos(10_000_000_000L + 10_000L * i), () -> {}));
    }
    handles.forEach(TimerHandle::cancel);
    await(sleep(Duration.ZERO));
    return CANCELLED;
  }

  private static Duration delay(Random random) {
    return Duration.ofNanos(1_000_000 + random.nextInt(49_000_000));
  }

  private static final class Countdown implements Runnable {
    private final Future<@Nullable Void> finished;
    private int left = TIMERS;

    Countdown(Future<@Nullable Void> finished) {
      this.finished = finished;
    }

    @Override
    public void run() {
      left--;
      if (left == 0) {
        finished.setResult(null);
      }
    }
  }
}

package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.runningLoop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import java.util.concurrent.Semaphore;
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
 * Question: how long does a thread wait for an answer from an idle loop?
 *
 * <p>The thread posts a callback that wakes it, and waits; the loop sleeps in its poll meanwhile.
 * So a round trip is two wake-ups of a sleeping thread by the system. Target: at most 36 µs of CPU.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class CrossThreadPing {
  static final int ROUND_TRIPS = 5_000;

  /** One round trip: thread, loop, thread. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public int roundTrip(OnLoop loop) {
    return loop.run(CrossThreadPing::roundTrips);
  }

  static int roundTrips() {
    AbstractEventLoop loop = runningLoop();
    Future<@Nullable Void> finished = loop.createFuture();
    Thread.ofPlatform()
        .name("pinger")
        .start(() -> {
          var answers = new Semaphore(0);
          for (int i = 0; i < ROUND_TRIPS; i++) {
            loop.callSoonThreadsafe(answers::release);
            answers.acquireUninterruptibly();
          }
          loop.callSoonThreadsafe(() -> finished.setResult(null));
        });
    await(finished);
    return ROUND_TRIPS;
  }
}

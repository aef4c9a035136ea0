package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.Awaitable;
import dev.asyncio.Lock;
import dev.asyncio.Semaphore;
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
 * Question: what does it cost to take and give back a lock or a permit, alone and among a hundred
 * tasks that all want it?
 *
 * <p>Target: at most 60 ns uncontended, with nothing allocated beyond the coroutine of {@code
 * acquire}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class Locks {
  static final int ROUNDS = 100_000;
  static final int TASKS = 100;
  static final int TURNS = 100;

  /** One {@code acquire} and {@code release} of a lock that nobody else wants. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public int lock(OnLoop loop) {
    return loop.run(Locks::locks);
  }

  /** One {@code acquire} and {@code release} of a semaphore with a permit to spare. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public int semaphore(OnLoop loop) {
    return loop.run(Locks::permits);
  }

  /** Lock, one turn of the loop, unlock; by 100 tasks at a time. */
  @Benchmark
  @OperationsPerInvocation(TASKS * TURNS)
  public int contended(OnLoop loop) {
    return loop.run(Locks::contended);
  }

  static int locks() {
    var lock = new Lock();
    for (int i = 0; i < ROUNDS; i++) {
      await(lock.acquire());
      lock.release();
    }
    return ROUNDS;
  }

  static int permits() {
    var semaphore = new Semaphore(2);
    for (int i = 0; i < ROUNDS; i++) {
      await(semaphore.acquire());
      semaphore.release();
    }
    return ROUNDS;
  }

  static int contended() {
    var lock = new Lock();
    List<Awaitable<@Nullable Void>> tasks = new ArrayList<>(TASKS);
    for (int i = 0; i < TASKS; i++) {
      tasks.add(async(() -> takeTurns(lock)));
    }
    await(gather(tasks));
    return TASKS * TURNS;
  }

  private static void takeTurns(Lock lock) {
    for (int i = 0; i < TURNS; i++) {
      await(lock.acquire());
      await(sleep(Duration.ZERO));
      lock.release();
    }
  }
}

package dev.asyncio.bench;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.Task;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Question: how much heap does a task hold while it waits?
 *
 * <p>A million tasks, each suspended on a future of its own (which counts), after a full
 * collection. Before that tasks are parked and woken, a few at a time and many times, then many at
 * a time: so the JIT has seen what they do after their await as well before it compiles what is on
 * their stacks, as in a program that has run for a while. Interpreted frames are several times
 * larger. Target: at most 800 bytes a task. Not a JMH class, because it measures no time.
 */
final class Parked {
  private static final int TASKS = 1_000_000;
  private static final int FEW_TASKS = 500;
  private static final int FEW_ROUNDS = 2_000;
  private static final int MANY_TASKS = 20_000;
  private static final int MANY_ROUNDS = 15;

  private final AbstractEventLoop loop = runningLoop();
  private final List<Future<@Nullable Void>> futures = new ArrayList<>(TASKS);
  private final List<Task<@Nullable Void>> tasks = new ArrayList<>(TASKS);

  /** Runs in a coroutine; the live bytes of heap for each task. */
  static double bytesPerTask() {
    Parked parked = new Parked();
    parked.warmUp(FEW_TASKS, FEW_ROUNDS);
    parked.warmUp(MANY_TASKS, MANY_ROUNDS);
    long before = liveHeap();
    parked.park(TASKS);
    long after = liveHeap();
    parked.wake();
    return (double) (after - before) / TASKS;
  }

  private void warmUp(int count, int rounds) {
    for (int i = 0; i < rounds; i++) {
      park(count);
      wake();
    }
  }

  private void park(int count) {
    for (int i = 0; i < count; i++) {
      Future<@Nullable Void> future = loop.createFuture();
      futures.add(future);
      tasks.add(createTask(async(() -> await(future))));
    }
    await(sleep(Duration.ZERO)); // now each of them has run up to its await
  }

  private void wake() {
    for (Future<@Nullable Void> future : futures) {
      future.setResult(null);
    }
    for (Task<@Nullable Void> task : tasks) {
      await(task);
    }
    futures.clear();
    tasks.clear();
  }

  private static long liveHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc(); // what the first one only found to be finalizable or softly held
    return memory.getHeapMemoryUsage().getUsed();
  }
}

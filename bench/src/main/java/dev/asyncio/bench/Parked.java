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
 * collection. Before that some tasks are parked and woken until the JIT has compiled what is on
 * their stacks, because interpreted frames are several times larger. Target: at most 800 bytes a
 * task. Not a JMH class, because it measures no time.
 */
final class Parked {
  private static final int TASKS = 1_000_000;
  private static final int WARM_TASKS = 50_000;
  private static final int WARM_ROUNDS = 20;

  private final AbstractEventLoop loop = runningLoop();
  private final List<Future<@Nullable Void>> futures = new ArrayList<>(TASKS);
  private final List<Task<@Nullable Void>> tasks = new ArrayList<>(TASKS);

  /** Runs in a coroutine; the live bytes of heap for each task. */
  static double bytesPerTask() {
    Parked parked = new Parked();
    for (int i = 0; i < WARM_ROUNDS; i++) {
      parked.park(WARM_TASKS);
      parked.wake();
    }
    long before = liveHeap();
    parked.park(TASKS);
    long after = liveHeap();
    parked.wake();
    return (double) (after - before) / TASKS;
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

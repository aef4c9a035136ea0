package dev.asyncio;

import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Somebody else, a profiler for instance, may look at the stacks of coroutines at any time, and
 * nobody notices. The JDK does not let a virtual thread run meanwhile.
 */
@Timeout(60)
class WatchedStackTest {
  private static final int TASKS = 4;
  private static final int STEPS = 1000;

  private final List<Thread> watched = new CopyOnWriteArrayList<>();
  private final AtomicLong looks = new AtomicLong();
  private volatile boolean over;
  private volatile Throwable watcherFailed;
  private Thread watcher;

  @BeforeEach
  void watch() {
    watcher =
        Thread.ofPlatform()
            .start(() -> {
              try {
                while (!over) {
                  watched.forEach(Thread::getStackTrace);
                  looks.incrementAndGet();
                }
              } catch (Throwable e) {
                watcherFailed = e;
              }
            });
  }

  @AfterEach
  void stop_watching() throws InterruptedException {
    over = true;
    watcher.join();
  }

  private void untilWatchedOnceMore() {
    long before = looks.get();
    while (looks.get() < before + 2 && watcher.isAlive()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void tasks_take_their_steps_in_order_while_their_stacks_are_looked_at() {
    var steps = new ArrayList<Integer>();
    Asyncio.run(
        Coroutine.of(() -> {
          for (int i = 0; i < TASKS; i++) {
            int number = i;
            start(() -> {
              watched.add(Thread.currentThread());
              for (int step = 0; step < STEPS; step++) {
                steps.add(step * TASKS + number);
                ticks(1);
              }
            });
          }
          ticks(2);
          untilWatchedOnceMore();
          ticks(STEPS);
        }));
    var expected = new ArrayList<Integer>();
    for (int i = 0; i < TASKS * STEPS; i++) {
      expected.add(i);
    }
    assertEquals(expected, steps);
    assertNull(watcherFailed);
  }

  @Test
  void threads_that_are_kept_for_the_next_task_end_with_their_loop() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      Asyncio.run(
          Coroutine.of(() -> {
            for (int i = 0; i < TASKS; i++) {
              start(() -> watched.add(Thread.currentThread()));
            }
            ticks(2);
            untilWatchedOnceMore();
          }));
      for (Thread thread : watched) {
        thread.join();
      }
      watched.clear();
    }
    assertNull(watcherFailed);
  }

  @Test
  void blocking_calls_end_when_they_should_while_their_stacks_are_looked_at() {
    Carried.assumed("elsewhere a blocking call stalls the loop");
    var queue = new SynchronousQueue<Integer>();
    var taken = new ArrayList<Integer>();
    Asyncio.run(
        Coroutine.of(() -> {
          Task<?> taker =
              start(() -> {
                watched.add(Thread.currentThread());
                for (int i = 0; i < STEPS; i++) {
                  taken.add(queue.take());
                  ticks(i % 3);
                }
              });
          Task<?> giver =
              start(() -> {
                watched.add(Thread.currentThread());
                for (int i = 0; i < STEPS; i++) {
                  queue.put(i);
                }
              });
          Asyncio.gather(taker, giver).await();
        }));
    assertEquals(STEPS, taken.size());
    assertTrue(taken.getFirst() == 0 && taken.getLast() == STEPS - 1);
    assertNull(watcherFailed);
  }
}

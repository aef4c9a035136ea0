package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nothing that a task does to its thread is seen by the next task, although threads are re-used.
 */
@Timeout(60)
class TaskIsolationTest {
  private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();
  private static final ThreadLocal<String> WITH_INITIAL = ThreadLocal.withInitial(() -> "initial");
  private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

  /** Runs a task that begins where another one has just ended: on the same thread, if carried. */
  private static void oneAfterTheOther(Action first, Action second) {
    run(() -> {
      var threads = new ArrayList<Thread>();
      Future<@Nullable Void> end = runningLoop().createFuture();
      var task =
          createTask(
              async(() -> {
                first.run();
                end.await();
                threads.add(Thread.currentThread());
              }));
      ticks(3);
      end.setResult(null);
      var next =
          createTask(
              async(() -> {
                threads.add(Thread.currentThread());
                second.run();
              }));
      task.await();
      next.await();
      assertEquals(
          Carried.chosen(), threads.getFirst() == threads.getLast(), "whether on one thread");
    });
  }

  @Test
  void tasks_that_begin_one_after_the_other_share_a_thread_on_the_carried_engine() {
    Carried.assumed("the portable engine cannot clear thread-locals, so it re-uses no thread");
    run(() -> {
      Set<Thread> threads = new HashSet<>();
      var tasks = new ArrayList<Task<?>>();
      for (int i = 0; i < 100; i++) {
        tasks.add(createTask(async(() -> threads.add(Thread.currentThread()))));
      }
      for (Task<?> task : tasks) {
        task.await();
      }
      assertEquals(1, threads.size());
      assertFalse(threads.contains(Thread.currentThread()), "the main task has its own");
    });
  }

  @Test
  void thread_locals_do_not_leak() {
    oneAfterTheOther(
        () -> {
          LOCAL.set("first's");
          WITH_INITIAL.set("first's");
          ticks(1);
          assertEquals("first's", LOCAL.get());
        },
        () -> {
          assertNull(LOCAL.get());
          assertEquals("initial", WITH_INITIAL.get());
        });
  }

  @Test
  void inheritable_thread_locals_leak_neither_in_nor_out_nor_on() throws InterruptedException {
    INHERITABLE.set("caller's");
    try {
      oneAfterTheOther(
          () -> {
            assertNull(INHERITABLE.get(), "a task inherits none");
            INHERITABLE.set("first's");
          },
          () -> assertNull(INHERITABLE.get()));
      assertEquals("caller's", INHERITABLE.get());
    } finally {
      INHERITABLE.remove();
    }
  }

  @Test
  void a_task_does_not_inherit_from_the_task_that_made_it() {
    run(() -> {
      INHERITABLE.set("creator's");
      LOCAL.set("creator's");
      createTask(
              async(() -> {
                assertNull(INHERITABLE.get());
                assertNull(LOCAL.get());
              }))
          .await();
    });
  }

  @Test
  void the_interrupt_status_does_not_leak() {
    oneAfterTheOther(
        () -> Thread.currentThread().interrupt(),
        () -> assertFalse(Thread.currentThread().isInterrupted()));
  }

  @Test
  void an_interrupt_status_survives_the_awaits_of_its_task() {
    run(() -> {
      Thread.currentThread().interrupt();
      ticks(1);
      assertTrue(Thread.interrupted());
    });
  }

  @Test
  void the_name_of_the_thread_does_not_leak() {
    oneAfterTheOther(
        () -> Thread.currentThread().setName("first's"),
        () -> assertNotEquals("first's", Thread.currentThread().getName()));
  }

  @Test
  void the_context_class_loader_does_not_leak() {
    ClassLoader callers = Thread.currentThread().getContextClassLoader();
    ClassLoader other = new URLClassLoader(new URL[0], callers);
    oneAfterTheOther(
        () -> {
          assertSame(callers, Thread.currentThread().getContextClassLoader());
          Thread.currentThread().setContextClassLoader(other);
          ticks(1);
          assertSame(other, Thread.currentThread().getContextClassLoader());
        },
        () -> assertSame(callers, Thread.currentThread().getContextClassLoader()));
  }

  @Test
  void the_context_class_loader_of_tasks_is_that_of_whoever_made_the_loop() {
    ClassLoader callers = Thread.currentThread().getContextClassLoader();
    ClassLoader other = new URLClassLoader(new URL[0], callers);
    Thread.currentThread().setContextClassLoader(other);
    try {
      run(() -> assertSame(other, Thread.currentThread().getContextClassLoader()));
    } finally {
      Thread.currentThread().setContextClassLoader(callers);
    }
  }

  @Test
  void the_uncaught_exception_handler_does_not_leak() {
    Thread.UncaughtExceptionHandler handler = (_, _) -> {};
    oneAfterTheOther(
        () -> Thread.currentThread().setUncaughtExceptionHandler(handler),
        () -> assertNotSame(handler, Thread.currentThread().getUncaughtExceptionHandler()));
  }

  @Test
  void a_task_that_failed_or_was_cancelled_leaves_nothing_either() {
    run(() -> {
      Task<?> failed =
          createTask(
              async(() -> {
                LOCAL.set("failed one's");
                throw new IllegalStateException();
              }));
      ticks(2);
      assertTrue(failed.exception() instanceof IllegalStateException);
      createTask(async(() -> assertNull(LOCAL.get()))).await();
      Task<?> cancelled =
          createTask(
              async(() -> {
                LOCAL.set("cancelled one's");
                sleep(Duration.ofHours(1)).await();
              }));
      ticks(1);
      cancelled.cancel();
      ticks(2);
      assertTrue(cancelled.cancelled());
      createTask(async(() -> assertNull(LOCAL.get()))).await();
    });
  }

  @Test
  void thread_locals_of_tasks_that_run_side_by_side_are_their_own() {
    run(() -> {
      var tasks = new ArrayList<Task<?>>();
      for (int i = 0; i < 50; i++) {
        String mine = "task " + i;
        tasks.add(
            VirtualTime.start(() -> {
              LOCAL.set(mine);
              for (int turn = 0; turn < 5; turn++) {
                ticks(1);
                assertEquals(mine, LOCAL.get());
              }
            }));
      }
      for (Task<?> task : tasks) {
        task.await();
      }
    });
  }

  @Test
  void a_finished_task_and_its_result_can_be_collected() {
    Asyncio.run(
        async(() -> {
          var results = new ArrayList<WeakReference<Object>>();
          for (int i = 0; i < 3; i++) {
            results.add(resultOfATask());
          }
          while (results.stream().anyMatch(result -> result.get() != null)) {
            System.gc();
            ticks(1);
          }
        }));
  }

  private static WeakReference<Object> resultOfATask() {
    return new WeakReference<>(createTask(async(() -> new Object())).await());
  }

  @Test
  void an_unpark_that_comes_too_late_does_no_harm() {
    run(() -> {
      var threads = new ArrayList<Thread>();
      createTask(async(() -> threads.add(Thread.currentThread()))).await();
      Future<String> never = runningLoop().createFuture();
      Task<?> waiting =
          VirtualTime.start(() -> {
            threads.add(Thread.currentThread());
            never.await();
          });
      ticks(1);
      threads.forEach(LockSupport::unpark);
      ticks(3);
      assertFalse(waiting.done(), "only its future wakes it");
      never.setResult("");
      waiting.await();
    });
  }

  @Test
  void a_foreign_interrupt_does_not_wake_an_await() {
    run(() -> {
      var threads = new ArrayList<Thread>();
      Future<String> future = runningLoop().createFuture();
      Task<Boolean> waiting =
          createTask(
              async(() -> {
                threads.add(Thread.currentThread());
                future.await();
                return Thread.interrupted();
              }));
      ticks(1);
      threads.getFirst().interrupt();
      ticks(3);
      assertFalse(waiting.done());
      future.setResult("");
      assertTrue(waiting.await(), "but it is not lost");
    });
  }

  @Test
  void a_virtual_thread_started_by_a_coroutine_runs_while_the_loop_is_busy() {
    Asyncio.run(
        async(() -> {
          var ran = new CountDownLatch(1);
          Thread.startVirtualThread(ran::countDown);
          while (ran.getCount() > 0) { // without ever giving the loop's thread away
            Thread.onSpinWait();
          }
        }));
  }

  @Test
  void a_virtual_thread_started_by_a_coroutine_outlives_the_loop() throws InterruptedException {
    var goOn = new CountDownLatch(1);
    var started = new ArrayList<Thread>();
    var seen = new ArrayList<String>();
    Asyncio.run(
        async(() ->
            started.add(
                Thread.startVirtualThread(() -> {
                  try {
                    goOn.await();
                    seen.add("ended, loop: " + AbstractEventLoop.runningOrNull());
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                }))));
    goOn.countDown();
    started.getFirst().join();
    assertEquals(List.of("ended, loop: null"), seen);
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.loop.SelectorEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of tasks and threads when their loop is closed. */
@Timeout(60)
class LoopCloseTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
  private final List<ExceptionContext> reports = new ArrayList<>();

  private AbstractEventLoop newLoop() {
    AbstractEventLoop loop = new SelectorEventLoop();
    loop.setExceptionHandler((_, context) -> reports.add(context));
    return loop;
  }

  private static void turns(AbstractEventLoop loop, int count) {
    loop.runUntilComplete(async(() -> ticks(count)));
  }

  private void assertAllThreadsEnd() throws InterruptedException {
    assertFalse(threads.isEmpty());
    for (Thread thread : List.copyOf(threads)) {
      thread.join();
    }
  }

  @Test
  void suspended_tasks_are_unwound_and_no_thread_is_left() throws InterruptedException {
    AbstractEventLoop loop = newLoop();
    var tasks = new ArrayList<Task<?>>();
    for (String name : List.of("a", "b")) {
      tasks.add(
          loop.createTask(
              async(() -> {
                threads.add(Thread.currentThread());
                try {
                  sleep(HOUR).await();
                } finally {
                  log.add(name + " unwound");
                }
              })));
    }
    loop.createTask(async(() -> threads.add(Thread.currentThread())));
    turns(loop, 2);
    assertEquals(List.of(), log);
    loop.close();
    assertEquals(List.of("a unwound", "b unwound"), log);
    assertAllThreadsEnd();
    assertTrue(tasks.stream().allMatch(Task::cancelled));
    assertEquals(2, reports.size());
    assertEquals("Task was destroyed but it is pending!", reports.getFirst().message());
    assertSame(tasks.getFirst(), reports.getFirst().task());
    assertEquals(List.of(), Asyncio.allTasks(loop));
  }

  @Test
  void a_task_that_has_not_begun_never_does() {
    AbstractEventLoop loop = newLoop();
    Coroutine<?> coroutine = async(() -> log.add("body"));
    loop.createTask(coroutine);
    loop.close();
    assertEquals(List.of(), log);
    assertEquals(1, reports.size());
  }

  @Test
  void clean_up_that_awaits_is_refused_and_the_rest_is_unwound() throws InterruptedException {
    AbstractEventLoop loop = newLoop();
    loop.createTask(
        async(() -> {
          threads.add(Thread.currentThread());
          try {
            try {
              sleep(HOUR).await();
            } finally {
              log.add("awaits");
              sleep(HOUR).await();
              log.add("never");
            }
          } finally {
            log.add("unwound");
          }
        }));
    turns(loop, 2);
    loop.close();
    assertEquals(List.of("awaits", "unwound"), log);
    assertAllThreadsEnd();
  }

  @Test
  void an_exception_of_the_clean_up_reaches_the_handler() {
    AbstractEventLoop loop = newLoop();
    var failure = new IOException("while being unwound");
    loop.createTask(
        async(() -> {
          try {
            sleep(HOUR).await();
          } finally {
            fail(failure);
          }
        }));
    turns(loop, 2);
    loop.close();
    assertEquals(2, reports.size());
    assertSame(failure, reports.getLast().exception());
    assertTrue(reports.getLast().message().endsWith("exception was never retrieved"));
  }

  private static void fail(Exception e) throws Exception {
    throw e;
  }

  @Test
  void whoever_swallows_the_unwinding_gets_no_further_than_its_next_await()
      throws InterruptedException {
    AbstractEventLoop loop = newLoop();
    loop.createTask(
        async(() -> {
          threads.add(Thread.currentThread());
          for (int i = 0; i < 3; i++) {
            try {
              sleep(HOUR).await();
            } catch (Throwable e) {
              log.add(e.getClass().getSimpleName());
            }
          }
        }));
    turns(loop, 2);
    loop.close();
    assertAllThreadsEnd();
    assertEquals(3, log.size());
    assertEquals(List.of("IllegalStateException", "IllegalStateException"), log.subList(1, 3));
  }

  @Test
  void a_task_that_stands_in_a_blocking_call_is_interrupted_and_unwound()
      throws InterruptedException {
    Carried.assumed("a blocking JDK call stalls the portable engine's loop");
    AbstractEventLoop loop = newLoop();
    var never = new CountDownLatch(1);
    for (String name : List.of("a", "b")) {
      loop.createTask(
          async(() -> {
            threads.add(Thread.currentThread());
            try {
              never.await();
            } finally {
              log.add(name + " unwound");
            }
          }));
    }
    turns(loop, 2);
    loop.close();
    assertEquals(List.of("a unwound", "b unwound"), log, "before close() returned");
    assertAllThreadsEnd();
  }

  @Test
  void a_blocking_call_that_was_over_just_before_the_loop_closed_is_unwound_too()
      throws InterruptedException {
    Carried.assumed("a blocking JDK call stalls the portable engine's loop");
    for (int i = 0; i < 200; i++) {
      log.clear();
      threads.clear();
      AbstractEventLoop loop = newLoop();
      var latch = new CountDownLatch(1);
      loop.createTask(
          async(() -> {
            threads.add(Thread.currentThread());
            try {
              latch.await();
              sleep(HOUR).await();
            } finally {
              log.add("unwound");
            }
          }));
      turns(loop, 2);
      Thread releaser = Thread.ofPlatform().start(latch::countDown);
      if (i % 2 == 0) {
        releaser.join(); // the loop has it in its inbox, and does not look there any more
      }
      loop.close();
      assertAllThreadsEnd();
      assertEquals(List.of("unwound"), log);
      releaser.join();
    }
  }

  @Test
  void a_call_that_cannot_be_interrupted_is_unwound_when_it_is_over() throws InterruptedException {
    Carried.assumed("a blocking JDK call stalls the portable engine's loop");
    AbstractEventLoop loop = newLoop();
    var stage = new CompletableFuture<String>();
    loop.createTask(
        async(() -> {
          threads.add(Thread.currentThread());
          try {
            log.add(stage.join());
            sleep(HOUR).await();
            log.add("never");
          } catch (IllegalStateException e) {
            log.add("refused");
          } finally {
            log.add("unwound");
          }
        }));
    turns(loop, 2);
    loop.close();
    assertEquals(List.of(), log);
    stage.complete("over");
    assertAllThreadsEnd();
    assertEquals(List.of("over", "refused", "unwound"), log);
  }

  @Test
  void a_loop_closes_while_many_blocked_tasks_are_released_by_other_threads()
      throws InterruptedException {
    Carried.assumed("a blocking JDK call stalls the portable engine's loop");
    AbstractEventLoop loop = newLoop();
    int count = 200;
    var stages = new ArrayList<CompletableFuture<String>>();
    for (int i = 0; i < count; i++) {
      var stage = new CompletableFuture<String>();
      stages.add(stage);
      loop.createTask(
          async(() -> {
            threads.add(Thread.currentThread());
            try {
              stage.join();
            } finally {
              log.add("unwound");
            }
          }));
    }
    turns(loop, 2);
    var releasers = new ArrayList<Thread>();
    for (int half = 0; half < 2; half++) {
      List<CompletableFuture<String>> mine = stages.subList(half * 100, half * 100 + 100);
      releasers.add(Thread.ofPlatform().start(() -> mine.forEach(stage -> stage.complete("over"))));
    }
    loop.close();
    assertAllThreadsEnd();
    for (Thread releaser : releasers) {
      releaser.join();
    }
    assertEquals(Collections.nCopies(count, "unwound"), log);
    assertEquals(List.of(), Asyncio.allTasks(loop));
  }

  @Test
  void a_running_loop_refuses_to_be_closed() {
    Asyncio.run(
        async(() -> {
          var refused = assertThrows(IllegalStateException.class, runningLoop()::close);
          assertTrue(
              refused.getMessage().startsWith("Cannot close a running event loop"),
              refused::getMessage);
          assertFalse(runningLoop().isClosed());
        }));
  }

  @Test
  void a_loop_can_be_closed_inside_another_one() {
    AbstractEventLoop other = newLoop();
    other.createTask(
        async(() -> {
          try {
            sleep(HOUR).await();
          } finally {
            log.add("unwound");
          }
        }));
    turns(other, 2);
    Asyncio.run(async(other::close));
    assertTrue(other.isClosed());
    assertEquals(List.of("unwound"), log);
  }

  @Test
  void a_loop_that_is_closed_from_a_virtual_thread_leaves_no_thread() throws Exception {
    var closed = new CompletableFuture<String>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            AbstractEventLoop loop = newLoop();
            loop.createTask(async(() -> threads.add(Thread.currentThread())));
            turns(loop, 2);
            loop.close();
            closed.complete("closed");
          } catch (Throwable e) {
            closed.completeExceptionally(e);
          }
        });
    assertEquals("closed", closed.join());
    assertAllThreadsEnd();
  }

  @Test
  void what_was_scheduled_is_dropped() {
    AbstractEventLoop loop = newLoop();
    loop.callSoon(() -> log.add("soon"));
    loop.callLater(Duration.ZERO, () -> log.add("later"));
    loop.callSoonThreadsafe(() -> log.add("threadsafe"));
    loop.close();
    assertEquals(List.of(), log);
    assertEquals(List.of(), reports);
  }

  @Test
  void an_executor_job_that_outlives_its_loop_ends_quietly() throws InterruptedException {
    AbstractEventLoop loop = newLoop();
    var goOn = new CountDownLatch(1);
    var thread = new CompletableFuture<Thread>();
    loop.runUntilComplete(
        async(() -> {
          loop.runInExecutor(
              null,
              () -> {
                thread.complete(Thread.currentThread());
                goOn.await();
                return "nobody waits";
              });
          Asyncio.await(thread);
        }));
    loop.close();
    goOn.countDown();
    thread.join().join();
    assertEquals(List.of(), reports);
  }

  @Test
  void after_close_the_thread_is_free_for_another_loop() {
    AbstractEventLoop first = newLoop();
    turns(first, 1);
    first.close();
    assertInstanceOf(String.class, Asyncio.run(async(() -> "second")));
    assertNotEquals(first, Asyncio.run(async(() -> runningLoop())));
  }
}

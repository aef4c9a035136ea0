package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.toThread;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop and other threads. */
@Timeout(60)
class ThreadsTest {
  private final List<String> log = new ArrayList<>();

  @Test
  void what_many_threads_hand_over_is_all_called_in_the_order_of_each() throws Exception {
    int threads = 8;
    int each = 20_000;
    AbstractEventLoop loop = Asyncio.newEventLoop();
    int[] next = new int[threads]; // touched by the loop alone
    int[] left = {threads * each};
    var posters = new ArrayList<Thread>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      Thread.Builder builder = t % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      posters.add(
          builder.start(() -> {
            for (int i = 0; i < each; i++) {
              int number = i;
              loop.callSoonThreadsafe(() -> {
                assertEquals(number, next[thread]++);
                if (--left[0] == 0) {
                  loop.stop();
                }
              });
            }
          }));
    }
    var reports = new ArrayList<ExceptionContext>();
    loop.setExceptionHandler((_, context) -> reports.add(context));
    loop.runForever();
    for (Thread poster : posters) {
      poster.join();
    }
    loop.close();
    assertEquals(List.of(), reports);
    assertEquals(0, left[0]);
  }

  @Test
  void a_single_wake_up_is_never_lost() {
    // The loop goes to sleep each time, so a wake-up that comes in between would be missed for
    // ever.
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          var asked = new java.util.concurrent.SynchronousQueue<Future<String>>();
          Thread answers =
              Thread.ofPlatform()
                  .daemon()
                  .start(() -> {
                    try {
                      while (true) {
                        Future<String> future = asked.take();
                        loop.callSoonThreadsafe(() -> future.setResult("woken"));
                      }
                    } catch (InterruptedException e) {
                      return; // the test is over
                    }
                  });
          for (int i = 0; i < 2000; i++) {
            Future<String> future = loop.createFuture();
            asked.put(future);
            assertEquals("woken", future.await());
          }
          answers.interrupt();
        }));
  }

  @Test
  void stop_may_be_called_from_another_thread() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    for (int i = 0; i < 200; i++) {
      loop.callSoon(() -> Thread.ofVirtual().start(loop::stop));
      loop.runForever();
    }
    loop.close();
  }

  @Test
  void to_thread_runs_on_another_thread_and_brings_back_the_outcome() {
    var failure = new IOException("of the thread");
    Asyncio.run(
        async(() -> {
          Thread mine = Thread.currentThread();
          Thread other = toThread(() -> Thread.currentThread()).await();
          assertNotSame(mine, other);
          assertTrue(other.isVirtual());
          assertNull(toThread(() -> AbstractEventLoop.runningOrNull()).await());
          assertSame(
              failure,
              assertThrows(
                  IOException.class,
                  () ->
                      toThread(
                              (Action)
                                  () -> {
                                    throw failure;
                                  })
                          .await()));
        }));
  }

  @Test
  void calls_in_threads_block_neither_the_loop_nor_each_other() {
    Asyncio.run(
        async(() -> {
          int count = 100;
          var all = new CountDownLatch(count);
          var calls = new ArrayList<Coroutine<String>>();
          for (int i = 0; i < count; i++) {
            calls.add(
                toThread(() -> {
                  all.countDown();
                  all.await(); // for every other: a small pool would never get there
                  return "through";
                }));
          }
          assertEquals(count, Asyncio.gather(calls).await().size());
        }));
  }

  @Test
  void cancelling_to_thread_stops_the_waiting_and_not_the_call() {
    Asyncio.run(
        async(() -> {
          var began = new CompletableFuture<String>();
          var goOn = new CountDownLatch(1);
          var ended = new CompletableFuture<String>();
          Task<?> task =
              start(() ->
                  toThread(
                          () -> {
                            began.complete("");
                            goOn.await();
                            ended.complete("ended");
                          })
                      .await());
          await(began);
          task.cancel();
          assertThrows(CancelledError.class, task::await);
          goOn.countDown();
          assertEquals("ended", await(ended));
        }));
  }

  @Test
  void run_waits_for_the_calls_that_still_run_in_threads() {
    var goOn = new CountDownLatch(1);
    var ended = new ArrayList<String>();
    Asyncio.run(
        async(() -> {
          runningLoop()
              .runInExecutor(
                  null,
                  () -> {
                    goOn.await();
                    return ended.add("ended");
                  });
          runningLoop().callSoon(goOn::countDown);
        }));
    assertEquals(List.of("ended"), ended);
  }

  @Test
  void the_default_executor_can_be_replaced() {
    ExecutorService own =
        Executors.newSingleThreadExecutor(
            runnable -> Thread.ofPlatform().name("own").unstarted(runnable));
    Asyncio.run(
        async(() -> {
          runningLoop().setDefaultExecutor(own);
          assertEquals("own", toThread(() -> Thread.currentThread().getName()).await());
        }));
    assertTrue(own.isTerminated(), "it belongs to the loop then");
  }

  @Test
  void a_shut_down_default_executor_refuses_work() {
    Asyncio.run(
        async(() -> {
          assertEquals("", toThread(() -> "").await());
          runningLoop().shutdownDefaultExecutor(null).await();
          var refused = assertThrows(IllegalStateException.class, () -> toThread(() -> "").await());
          assertTrue(
              refused.getMessage().startsWith("Executor shutdown has been called"),
              refused::getMessage);
          assertEquals(
              "others still work",
              runningLoop().runInExecutor(Runnable::run, () -> "others still work").await());
        }));
  }

  @Test
  void shutting_the_executor_down_gives_up_after_its_timeout_with_a_warning() {
    var goOn = new CountDownLatch(1);
    try (var logged = new AsyncioLog();
        var runner = new Runner()) {
      AbstractEventLoop loop = runner.getLoop();
      runner.run(
          async(() -> {
            loop.runInExecutor(
                null,
                () -> {
                  goOn.await();
                  return "";
                });
            loop.shutdownDefaultExecutor(Duration.ofMillis(1)).await();
            log.add("gave up");
            goOn.countDown();
          }));
      assertEquals(List.of("gave up"), log);
      assertTrue(
          logged.messages().getFirst().startsWith("The executor did not finish"),
          () -> logged.messages().toString());
    }
  }

  @Test
  void an_executor_that_refuses_is_an_error_of_the_call() throws InterruptedException {
    ExecutorService closed = Executors.newSingleThreadExecutor();
    closed.shutdown();
    assertTrue(closed.awaitTermination(1, TimeUnit.MINUTES));
    Asyncio.run(
        async(() ->
            assertThrows(
                java.util.concurrent.RejectedExecutionException.class,
                () -> runningLoop().runInExecutor(closed, () -> ""))));
  }

  @Test
  void a_loop_that_sleeps_for_long_answers_other_threads_at_once() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          Task<?> sleeper = start(() -> sleep(Duration.ofDays(10)).await());
          ticks(1);
          Future<String> answer = loop.createFuture();
          Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(() -> answer.setResult("")));
          answer.await();
          assertFalse(sleeper.done());
        }));
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What blocks or computes inside a coroutine does not go unnoticed. */
@Timeout(60)
class HiddenSuspensionTest {

  private static void run(boolean debug, Action body) {
    Asyncio.run(async(body), RunnerOptions.defaults().debug(debug));
  }

  @Test
  void debug_mode_tells_which_call_suspended_a_task_outside_of_await() {
    Carried.assumed("a blocking call suspends");
    try (var log = new AsyncioLog()) {
      run(
          true,
          () -> {
            var queue = new SynchronousQueue<String>();
            Task<String> taker = createTask(async(() -> queue.take()), "taker");
            ticks(1);
            queue.put("item");
            assertEquals("item", taker.await());
          });
      String told =
          log.texts().stream().filter(text -> text.contains("taker was")).findFirst().orElse("");
      assertTrue(told.startsWith("taker was suspended outside await for "), log.texts()::toString);
      assertTrue(
          told.contains("by java.util.concurrent.SynchronousQueue.take at dev.asyncio.Hidden"),
          told);
      assertTrue(told.contains("(HiddenSuspensionTest.java:"), told);
    }
  }

  @Test
  void a_forbidden_call_is_interrupted_and_its_task_told_what_to_do_instead() {
    Carried.assumed("a blocking call suspends");
    run(
        false,
        () -> {
          runningLoop().forbidBlockingCalls(true);
          Task<?> sleeper = createTask(async(() -> Thread.sleep(Duration.ofDays(1))), "sleeper");
          var refused = assertThrows(IllegalStateException.class, sleeper::await);
          String message = refused.getMessage();
          assertTrue(message.startsWith("sleeper called java.lang.Thread.sleep at "), message);
          assertTrue(message.contains("toThread(…)"), message);
          assertSame(InterruptedException.class, refused.getCause().getClass());
        });
  }

  /** The stack of a task that ends carries on with the next one, without a pass of the loop. */
  @Test
  void a_forbidden_call_is_noticed_in_a_task_that_began_where_another_ended() {
    Carried.assumed("a blocking call suspends");
    run(
        false,
        () -> {
          runningLoop().forbidBlockingCalls(true);
          Thread[] threads = new Thread[2];
          Task<?> trivial =
              createTask(
                  async(() -> {
                    threads[0] = Thread.currentThread();
                  }),
                  "trivial");
          Task<?> sleeper =
              createTask(
                  async(() -> {
                    threads[1] = Thread.currentThread();
                    Thread.sleep(Duration.ofDays(1));
                  }),
                  "sleeper");
          await(trivial);
          assertThrows(IllegalStateException.class, sleeper::await);
          assertSame(threads[0], threads[1]);
        });
  }

  @Test
  void a_forbidden_call_that_cannot_be_interrupted_is_told_of_at_the_next_await() {
    Carried.assumed("a blocking call suspends");
    run(
        false,
        () -> {
          runningLoop().forbidBlockingCalls(true);
          var parked = new Thread[1];
          boolean[] goOn = new boolean[1];
          Task<?> parker =
              createTask(
                  async(() -> {
                    parked[0] = Thread.currentThread();
                    while (!goOn[0]) {
                      Thread.interrupted(); // deaf
                      LockSupport.park();
                    }
                    assertThrows(IllegalStateException.class, () -> ticks(1));
                    assertEquals(false, Thread.currentThread().isInterrupted());
                    ticks(1); // told once
                  }));
          ticks(2);
          goOn[0] = true;
          LockSupport.unpark(parked[0]);
          await(parker);
        });
  }

  @Test
  void a_task_that_ends_after_a_forbidden_call_fails() {
    Carried.assumed("a blocking call suspends");
    run(
        false,
        () -> {
          runningLoop().forbidBlockingCalls(true);
          Task<?> swallower =
              createTask(
                  async(() -> {
                    try {
                      Thread.sleep(Duration.ofDays(1));
                    } catch (InterruptedException swallowed) {
                      // and back to work
                    }
                  }));
          assertThrows(IllegalStateException.class, swallower::await);
        });
  }

  @Test
  void a_step_that_keeps_the_loop_to_itself_is_named_with_its_line_while_it_does() {
    try (var log = new AsyncioLog()) {
      run(
          true,
          () -> {
            runningLoop().slowCallbackDuration(Duration.ofMillis(5));
            Task<?> hog = createTask(async(() -> computesUntilReported(log)), "hog");
            hog.await();
          });
      String told =
          log.texts().stream().filter(text -> text.contains("so far")).findFirst().orElseThrow();
      assertTrue(told.contains("name='hog'"), told);
      assertTrue(told.contains("nothing else can run; move what it does into toThread"), told);
      assertTrue(told.contains("HiddenSuspensionTest.computesUntilReported("), told);
    }
  }

  private static void computesUntilReported(AsyncioLog log) {
    while (log.messages().stream().noneMatch(text -> text.contains("so far"))) {
      Thread.onSpinWait();
    }
  }
}

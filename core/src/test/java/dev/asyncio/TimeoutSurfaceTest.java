package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.timeout;
import static dev.asyncio.Asyncio.timeoutAt;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Deadlines for pieces of code. */
@org.junit.jupiter.api.Timeout(60)
class TimeoutSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  private static Task<?> current() {
    return Objects.requireNonNull(currentTask());
  }

  @Test
  void outsideOnly() {
    run(() -> {
      var outside =
          assertThrows(
              TimeoutException.class,
              () ->
                  timeout(
                      SECOND,
                      (Action)
                          () -> {
                            try {
                              sleep(HOUR).await();
                            } catch (TimeoutException e) {
                              log.add("timeout inside");
                            } catch (CancelledError e) {
                              log.add("cancelled inside");
                              throw e;
                            }
                          }));
      assertEquals(List.of("cancelled inside"), log);
      assertInstanceOf(CancelledError.class, outside.getCause());
      assertEquals(SECOND, runningLoop().time());
      assertEquals(0, current().cancelling());
    });
  }

  @Test
  void nested() {
    run(() -> {
      timeout(
          HOUR,
          outer -> {
            timeout(
                SECOND.multipliedBy(3),
                middle -> {
                  assertThrows(
                      TimeoutException.class,
                      () -> timeout(SECOND, (Action) () -> sleep(HOUR).await()));
                  assertFalse(middle.expired());
                  log.add("inner");
                });
            assertFalse(outer.expired());
          });
      assertThrows(
          TimeoutException.class,
          () ->
              timeout(
                  SECOND,
                  outer -> {
                    try {
                      timeout(HOUR, (Action) () -> sleep(HOUR).await());
                    } catch (TimeoutException e) {
                      log.add("not the inner one's deadline");
                    } catch (CancelledError e) {
                      log.add("inner one cancelled");
                      throw e;
                    }
                  }));
      assertEquals(List.of("inner", "inner one cancelled"), log);
      assertEquals(0, current().cancelling());
    });
  }

  @Test
  void externalCancelWins() {
    run(() -> {
      Task<?> task = start(() -> timeout(SECOND, (Action) () -> sleep(HOUR).await()));
      Task<?> both =
          start(() -> {
            Task<?> me = current();
            timeout(
                SECOND,
                (Action)
                    () -> {
                      try {
                        sleep(HOUR).await();
                      } finally {
                        me.cancel("from outside");
                        ticks(1);
                      }
                    });
          });
      ticks(1);
      task.cancel();
      assertThrows(CancelledError.class, task::await);
      assertThrows(CancelledError.class, both::await);
      assertEquals(1, both.cancelling());
    });
  }

  @Test
  void bodyErrorKept() {
    var failure = new IOException("instead");
    run(() -> {
      var thrown =
          assertThrows(
              IOException.class,
              () ->
                  timeout(
                      SECOND,
                      (Action)
                          () -> {
                            try {
                              sleep(HOUR).await();
                            } catch (CancelledError e) {
                              throw failure;
                            }
                          }));
      assertSame(failure, thrown);
      assertEquals(1, thrown.getSuppressed().length);
      assertInstanceOf(TimeoutException.class, thrown.getSuppressed()[0]);
      assertEquals(0, current().cancelling());
    });
  }

  @Test
  void a_deadline_can_be_moved_and_removed() {
    run(() -> {
      timeout(
          SECOND,
          t -> {
            assertEquals(SECOND, t.when());
            t.reschedule(SECOND.multipliedBy(3));
            sleep(SECOND.multipliedBy(2)).await();
            t.reschedule(null);
            assertNull(t.when());
            sleep(HOUR).await();
          });
      assertThrows(
          TimeoutException.class,
          () ->
              timeout(
                  null,
                  t -> {
                    t.reschedule(Duration.ZERO); // long past
                    sleep(HOUR).await();
                  }));
    });
  }

  @Test
  void a_timeout_that_is_over_cannot_be_moved() {
    run(() -> {
      var kept = new ArrayList<Timeout>();
      timeout(
          SECOND,
          t -> {
            kept.add(t);
          });
      var finished =
          assertThrows(IllegalStateException.class, () -> kept.getFirst().reschedule(SECOND));
      assertEquals("Cannot change state of finished Timeout", finished.getMessage());
      assertFalse(kept.getFirst().expired());

      assertThrows(
          TimeoutException.class,
          () ->
              timeout(
                  SECOND,
                  t -> {
                    kept.add(t);
                    try {
                      sleep(HOUR).await();
                    } finally {
                      assertTrue(t.expired());
                      var expiring =
                          assertThrows(IllegalStateException.class, () -> t.reschedule(SECOND));
                      assertEquals(
                          "Cannot change state of expiring Timeout", expiring.getMessage());
                    }
                  }));
      assertTrue(kept.getLast().expired());
      assertThrows(IllegalStateException.class, () -> kept.getLast().reschedule(null));
    });
  }

  @Test
  void a_deadline_that_has_passed_lets_the_body_run_to_its_first_wait() {
    run(() -> {
      for (Duration past : List.of(Duration.ZERO, SECOND.negated())) {
        assertThrows(
            TimeoutException.class,
            () ->
                timeout(
                    past,
                    (Action)
                        () -> {
                          log.add("body");
                          sleep(HOUR).await();
                        }));
      }
      assertEquals("nothing awaited", timeout(Duration.ZERO, () -> "nothing awaited"));
      ticks(2);
      assertEquals(List.of("body", "body"), log);
    });
  }

  @Test
  void an_absolute_deadline_is_on_the_clock_of_the_loop() {
    run(() -> {
      sleep(SECOND).await();
      Duration when = runningLoop().time().plus(SECOND);
      assertThrows(
          TimeoutException.class,
          () ->
              timeoutAt(
                  when,
                  t -> {
                    assertEquals(when, t.when());
                    sleep(HOUR).await();
                  }));
      assertEquals(when, runningLoop().time());
    });
  }

  @Test
  void a_timeout_around_a_loop_that_never_suspends_strikes_at_the_next_await() {
    run(() -> {
      assertThrows(
          TimeoutException.class,
          () ->
              timeout(
                  Duration.ZERO,
                  (Action)
                      () -> {
                        for (int i = 0; i < 10; i++) {
                          log.add("work");
                        }
                        ticks(1);
                        log.add("never");
                      }));
      assertEquals(10, log.size());
    });
  }

  @Test
  void a_timeout_outside_a_task_is_an_error() {
    assertThrows(IllegalStateException.class, () -> timeout(SECOND, (Action) () -> {}));
    run(() -> {
      runningLoop()
          .callSoon(() -> {
            var refused =
                assertThrows(IllegalStateException.class, () -> timeout(SECOND, (Action) () -> {}));
            assertTrue(
                refused.getMessage().startsWith("Timeout should be used inside a task"),
                refused::getMessage);
            log.add("refused");
          });
      ticks(1);
      assertEquals(List.of("refused"), log);
    });
  }

  @Test
  void what_the_body_gives_comes_out() throws IOException {
    run(() -> {
      assertEquals("result", timeout(SECOND, () -> async(() -> "result").await()));
      assertEquals("result", timeout(null, t -> "result"));
    });
  }
}

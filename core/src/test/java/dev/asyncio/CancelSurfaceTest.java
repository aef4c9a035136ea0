package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How tasks are cancelled. */
@Timeout(60)
class CancelSurfaceTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  private static Task<?> current() {
    return Objects.requireNonNull(currentTask());
  }

  @Test
  void nextCycle() {
    run(() -> {
      Task<?> waiting =
          start(() -> {
            try {
              sleep(HOUR).await();
            } finally {
              log.add("told");
            }
          });
      ticks(1);
      assertTrue(waiting.cancel());
      assertEquals(List.of(), log);
      assertFalse(waiting.done());
      assertFalse(waiting.cancelled());
      ticks(1);
      assertEquals(List.of("told"), log);
      assertTrue(waiting.cancelled());
      assertFalse(waiting.cancel(), "it is done");

      Task<?> running =
          start(() -> {
            current().cancel();
            log.add("went on");
            sleep(HOUR).await();
            log.add("never");
          });
      assertThrows(CancelledError.class, running::await);
      assertEquals(List.of("told", "went on"), log);
    });
  }

  @Test
  void propagatesDown() {
    run(() -> {
      Future<String> bottom = runningLoop().createFuture();
      Task<?> c = start(() -> awaitOf("c", bottom));
      Task<?> b = start(() -> awaitOf("b", c));
      Task<?> a = start(() -> awaitOf("a", b));
      ticks(1);
      a.cancel("all of you");
      assertTrue(bottom.cancelled(), "at once");
      assertFalse(c.done());
      assertThrows(CancelledError.class, a::await);
      assertEquals(List.of("c all of you", "b all of you", "a all of you"), log);
      assertTrue(b.cancelled());
      assertTrue(c.cancelled());
    });
  }

  private void awaitOf(String name, Awaitable<?> awaitable) {
    try {
      awaitable.await();
    } catch (CancelledError e) {
      log.add(name + " " + e.message());
      throw e;
    }
  }

  @Test
  void beforeStart() {
    run(() -> {
      Task<?> task =
          start(() -> {
            try {
              log.add("body");
            } finally {
              log.add("finally");
            }
          });
      task.cancel();
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of(), log);
      assertTrue(task.cancelled());
    });
  }

  @Test
  void atReturn() {
    run(() -> {
      Task<String> task =
          createTask(
              async(() -> {
                current().cancel("too late to be told");
                return "result";
              }));
      var told = assertThrows(CancelledError.class, task::await);
      assertEquals("too late to be told", told.message());
      assertTrue(task.cancelled());
    });
  }

  @Test
  void canBeRefused() {
    run(() -> {
      Task<String> task =
          createTask(
              async(() -> {
                try {
                  sleep(HOUR).await();
                } catch (CancelledError e) {
                  log.add("no");
                }
                ticks(2);
                sleep(Duration.ofSeconds(1)).await();
                return "result";
              }));
      ticks(1);
      task.cancel();
      assertEquals("result", task.await());
      assertEquals(List.of("no"), log);
      assertFalse(task.cancelled());
      assertEquals(1, task.cancelling(), "nobody took the request back");
    });
  }

  @Test
  void cleanupMayAwait() {
    run(() -> {
      Task<?> patient = start(this::cleansUp);
      Task<?> pressed = start(this::cleansUp);
      ticks(1);
      patient.cancel();
      assertThrows(CancelledError.class, patient::await);
      assertEquals(List.of("cleaned up"), log);

      pressed.cancel();
      ticks(2);
      pressed.cancel(); // the second request reaches the clean-up
      assertThrows(CancelledError.class, pressed::await);
      assertEquals(List.of("cleaned up"), log);
    });
  }

  private void cleansUp() {
    try {
      sleep(HOUR).await();
    } finally {
      sleep(Duration.ofSeconds(1)).await();
      log.add("cleaned up");
    }
  }

  @Test
  void notAnOrdinaryException() {
    run(() -> {
      Task<?> task =
          start(() -> {
            try {
              sleep(HOUR).await();
            } catch (Exception e) {
              log.add("swallowed " + e);
            }
          });
      ticks(1);
      task.cancel();
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of(), log);
    });
  }

  @Test
  void message() {
    run(() -> {
      Task<?> task = start(() -> awaitOf("inside", runningLoop().createFuture()));
      ticks(1);
      task.cancel("time to go");
      var told = assertThrows(CancelledError.class, task::await);
      assertEquals(List.of("inside time to go"), log);
      assertEquals("time to go", told.message());

      Task<?> silent = start(() -> awaitOf("inside", runningLoop().createFuture()));
      ticks(1);
      silent.cancel();
      assertEquals(null, assertThrows(CancelledError.class, silent::await).message());
    });
  }

  @Test
  void counting() {
    run(() -> {
      Task<?> task =
          start(() -> {
            try {
              Asyncio.timeout(
                  Duration.ofSeconds(1),
                  (Action) () -> Asyncio.timeout(HOUR, (Action) () -> sleep(HOUR).await()));
            } catch (TimeoutException e) {
              log.add("timeout, open requests: " + current().cancelling());
            }
            sleep(HOUR).await();
          });
      sleep(Duration.ofSeconds(2)).await();
      assertEquals(List.of("timeout, open requests: 0"), log);
      task.cancel();
      task.cancel();
      assertEquals(2, task.cancelling());
      assertEquals(1, task.uncancel());
      assertEquals(0, task.uncancel());
      assertEquals(0, task.uncancel(), "never below");
      assertThrows(CancelledError.class, task::await);

      Task<?> withdrawn = start(() -> log.add("ran"));
      withdrawn.cancel();
      withdrawn.uncancel(); // nothing was delivered yet: it is as if it had not been asked
      withdrawn.await();
      assertEquals("ran", log.getLast());
    });
  }

  @Test
  void swallowedBreaksStructure() {
    run(() -> {
      Task<?> careless = start(() -> swallowsThenFailsInAGroup(false));
      Task<?> careful = start(() -> swallowsThenFailsInAGroup(true));
      ticks(1);
      careless.cancel();
      careful.cancel();
      assertThrows(CancelledError.class, careless::await, "the old request came back");
      careful.await();
      assertEquals(List.of("went on"), log);
    });
  }

  private void swallowsThenFailsInAGroup(boolean uncancel) {
    try {
      sleep(HOUR).await();
    } catch (CancelledError e) {
      if (uncancel) {
        current().uncancel();
      }
    }
    assertThrows(
        ExceptionGroup.class,
        () ->
            TaskGroup.run(group -> {
              group.createTask(
                  async(() -> {
                    throw new IOException();
                  }));
            }));
    ticks(1);
    log.add("went on");
  }

  @Test
  void cancelling_a_waiter_between_its_wake_up_and_its_step_still_cancels_it() {
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      Task<String> task = createTask(async(() -> future.await()));
      ticks(1);
      future.setResult("there");
      task.cancel("but too late");
      assertEquals("but too late", assertThrows(CancelledError.class, task::await).message());
    });
  }

  @Test
  void a_cancelled_error_that_a_coroutine_throws_itself_ends_it_as_cancelled() {
    run(() -> {
      var own = new CancelledError("own");
      Task<?> task =
          start(() -> {
            throw own;
          });
      assertEquals(own, assertThrows(CancelledError.class, task::await));
      assertTrue(task.cancelled());
      assertEquals(0, task.cancelling());
    });
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.waitFor;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Awaiting with a limit. */
@Timeout(60)
class WaitForSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  @Test
  void waitsForCancellation() {
    var failure = new IOException("while stopping");
    run(() -> {
      Task<String> slowToStop =
          createTask(
              async(() -> {
                try {
                  return sleep(HOUR, "never").await();
                } finally {
                  sleep(SECOND.multipliedBy(5)).await();
                  log.add("stopped");
                }
              }));
      var exceeded =
          assertThrows(TimeoutException.class, () -> waitFor(slowToStop, SECOND).await());
      assertInstanceOf(CancelledError.class, exceeded.getCause());
      assertEquals(List.of("stopped"), log);
      assertEquals(SECOND.multipliedBy(6), runningLoop().time(), "it overran");

      Task<String> hasAResult =
          createTask(
              async(() -> {
                try {
                  return sleep(HOUR, "never").await();
                } catch (CancelledError e) {
                  return "after all";
                }
              }));
      assertEquals("after all", waitFor(hasAResult, SECOND).await());

      Task<String> fails =
          createTask(
              async(() -> {
                try {
                  return sleep(HOUR, "never").await();
                } catch (CancelledError e) {
                  throw failure;
                }
              }));
      assertSame(failure, assertThrows(IOException.class, () -> waitFor(fails, SECOND).await()));
    });
  }

  @Test
  void cancelBoth() {
    run(() -> {
      Task<String> inner = createTask(sleep(HOUR, "never"));
      Task<?> waiter = start(() -> waitFor(inner, HOUR).await());
      ticks(1);
      waiter.cancel();
      assertThrows(CancelledError.class, waiter::await);
      assertTrue(inner.cancelled());
    });
  }

  @Test
  void without_a_limit_it_just_awaits() {
    run(() -> assertEquals("result", waitFor(sleep(HOUR, "result"), null).await()));
  }

  @Test
  void a_limit_that_is_not_positive_gives_up_unless_it_is_done() {
    run(() -> {
      Future<String> done = runningLoop().createFuture();
      done.setResult("there");
      for (Duration none : List.of(Duration.ZERO, SECOND.negated())) {
        assertEquals("there", waitFor(done, none).await());
        Task<String> pending = createTask(sleep(HOUR, "never"));
        ticks(1);
        assertThrows(TimeoutException.class, () -> waitFor(pending, none).await());
        assertTrue(pending.cancelled());
      }
      Coroutine<?> neverBegins = async(() -> log.add("began"));
      assertThrows(TimeoutException.class, () -> waitFor(neverBegins, Duration.ZERO).await());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void a_coroutine_runs_in_the_task_that_waits() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      waitFor(async(() -> var.set("set inside")), SECOND).await();
      assertEquals("set inside", var.get());
    });
  }

  @Test
  void what_ends_in_time_is_not_disturbed_later() {
    run(() -> {
      assertEquals("in time", waitFor(sleep(SECOND, "in time"), SECOND.plusNanos(1)).await());
      sleep(HOUR).await();
      assertFalse(runningLoop().isClosed());
    });
  }
}

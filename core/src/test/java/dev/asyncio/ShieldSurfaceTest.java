package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.shield;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for something without being able to cancel it. */
@Timeout(60)
class ShieldSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> log = new ArrayList<>();
  private final List<ExceptionContext> reports = new ArrayList<>();

  @Test
  void innerSurvives() {
    var failure = new IOException("later");
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          Task<String> inner = createTask(sleep(SECOND, "survived"));
          Task<?> waiter = start(() -> shield(inner).await());
          Task<?> failing =
              start(() -> {
                sleep(SECOND).await();
                throw failure;
              });
          Task<?> waiterOfFailing = start(() -> shield(failing).await());
          ticks(1);
          waiter.cancel();
          waiterOfFailing.cancel();
          assertThrows(CancelledError.class, waiter::await, "the waiter is cancelled");
          assertThrows(CancelledError.class, waiterOfFailing::await);
          assertFalse(inner.done());
          assertEquals("survived", inner.await());
          ticks(2);
        }),
        VirtualTime.options());
    assertEquals(1, reports.size());
    assertEquals("IOException exception in shielded future", reports.getFirst().message());
    assertSame(failure, reports.getFirst().exception());
  }

  @Test
  void innerCancelled() {
    run(() -> {
      Task<String> inner = createTask(sleep(SECOND, "never"));
      Future<String> outer = shield(inner);
      ticks(1);
      inner.cancel();
      assertThrows(CancelledError.class, outer::await);
      assertTrue(outer.cancelled());
    });
  }

  @Test
  void keepReference() {
    run(() -> {
      Task<?> waiter = start(this::shieldsWhatNobodyElseHolds);
      ticks(2);
      waiter.cancel();
      ticks(2);
      System.gc();
      sleep(SECOND.multipliedBy(2)).await();
      assertEquals(List.of("went on"), log, "the loop holds what it runs");
    });
  }

  private void shieldsWhatNobodyElseHolds() {
    shield(
            async(() -> {
              sleep(SECOND).await();
              log.add("went on");
            }))
        .await();
  }

  @Test
  void a_shield_of_something_done_is_the_thing_itself() {
    run(() -> {
      Future<String> done = runningLoop().createFuture();
      done.setResult("there");
      assertSame(done, shield(done));
    });
  }

  @Test
  void its_outcome_is_that_of_the_inner_one() {
    var failure = new IOException("shared");
    run(() -> {
      assertEquals("result", shield(sleep(SECOND, "result")).await());
      Coroutine<?> failing =
          async(() -> {
            ticks(1);
            throw failure;
          });
      assertSame(failure, assertThrows(IOException.class, () -> shield(failing).await()));
    });
  }
}

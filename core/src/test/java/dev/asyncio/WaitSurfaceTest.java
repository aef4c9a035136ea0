package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.waitUntil;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for several futures without being bound to their outcome. */
@Timeout(60)
class WaitSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void noCancel() {
    run(() -> {
      Task<String> quick = createTask(sleep(SECOND, "quick"));
      Task<String> slow = createTask(sleep(HOUR, "slow"));
      WaitResult<String> result =
          Asyncio.<String>waitUntil(
                  List.of(quick, slow), SECOND.multipliedBy(2), ReturnWhen.ALL_COMPLETED)
              .await();
      assertEquals(Set.of(quick), result.done());
      assertEquals(Set.of(slow), result.pending());
      assertFalse(slow.done());
      assertEquals(0, slow.cancelling());
      assertEquals("slow", slow.await());
    });
  }

  @Test
  void the_first_to_finish_in_any_way_ends_a_wait_for_the_first() {
    run(() -> {
      Task<String> cancelled = createTask(sleep(HOUR, "never"));
      Task<String> slow = createTask(sleep(HOUR, "slow"));
      runningLoop().callLater(SECOND, cancelled::cancel);
      WaitResult<String> result =
          Asyncio.<String>waitUntil(List.of(cancelled, slow), ReturnWhen.FIRST_COMPLETED).await();
      assertEquals(Set.of(cancelled), result.done());
      assertEquals(Set.of(slow), result.pending());
    });
  }

  @Test
  void a_cancelled_one_does_not_count_as_an_exception() {
    run(() -> {
      Task<String> cancelled = createTask(sleep(HOUR, "never"));
      Task<String> failing =
          createTask(
              async(() -> {
                sleep(SECOND.multipliedBy(2)).await();
                throw new IOException();
              }));
      Task<String> slow = createTask(sleep(HOUR, "slow"));
      runningLoop().callLater(SECOND, cancelled::cancel);
      WaitResult<String> result =
          Asyncio.<String>waitUntil(List.of(cancelled, failing, slow), ReturnWhen.FIRST_EXCEPTION)
              .await();
      assertEquals(Set.of(cancelled, failing), result.done());
      assertEquals(Set.of(slow), result.pending());
      assertEquals(SECOND.multipliedBy(2), runningLoop().time());
    });
  }

  @Test
  void cancelling_the_wait_leaves_the_futures_alone() {
    run(() -> {
      Task<String> task = createTask(sleep(SECOND, "result"));
      Task<?> waiter = start(() -> waitUntil(List.of(task)).await());
      ticks(1);
      waiter.cancel();
      assertThrows(CancelledError.class, waiter::await);
      assertEquals("result", task.await());
    });
  }

  @Test
  void there_must_be_something_to_wait_for() {
    run(() -> {
      var refused =
          assertThrows(IllegalArgumentException.class, () -> waitUntil(List.of()).await());
      assertEquals("Set of Tasks/Futures is empty.", refused.getMessage());
    });
  }
}

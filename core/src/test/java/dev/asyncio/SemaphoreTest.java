package dev.asyncio;

import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SemaphoreTest {
  private final List<String> log = new ArrayList<>();

  /** A task that takes a permit, says so, and keeps it. */
  private Task<?> taker(String name, Semaphore semaphore) {
    return start(() -> {
      semaphore.acquire().await();
      log.add(name);
    });
  }

  @Test
  void a_free_permit_is_taken_without_suspending() {
    run(() -> {
      Semaphore semaphore = new Semaphore(2);
      start(() -> log.add("another task"));
      assertTrue(semaphore.acquire().await());
      assertFalse(semaphore.locked());
      assertTrue(semaphore.acquire().await());
      assertTrue(semaphore.locked());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void without_a_number_there_is_one_permit() {
    run(() -> {
      Semaphore semaphore = new Semaphore();
      semaphore.acquire().await();
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void waiters_get_permits_in_the_order_in_which_they_asked() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      taker("a", semaphore);
      taker("b", semaphore);
      taker("c", semaphore);
      ticks(1);
      semaphore.release();
      semaphore.release();
      ticks(2);
      assertEquals(List.of("a", "b"), log);
      semaphore.release();
      ticks(1);
      assertEquals(List.of("a", "b", "c"), log);
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void a_newcomer_cannot_overtake_a_woken_waiter() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      taker("waiter", semaphore);
      ticks(1);
      semaphore.release();
      semaphore.release(); // a permit is free now, but the waiter has not run yet
      assertTrue(semaphore.locked());
      semaphore.acquire().await();
      log.add("newcomer");
      assertEquals(List.of("waiter", "newcomer"), log);
    });
  }

  @Test
  void a_newcomer_that_waited_its_turn_is_woken_by_the_one_before_it() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> first = taker("first", semaphore);
      ticks(1);
      semaphore.release();
      semaphore.release();
      Task<?> newcomer = start(() -> taker("newcomer", semaphore).await());
      first.await();
      newcomer.await();
      assertEquals(List.of("first", "newcomer"), log);
    });
  }

  @Test
  void a_cancelled_waiter_leaves_the_queue_and_takes_nothing() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> first = taker("first", semaphore);
      Task<?> second = taker("second", semaphore);
      ticks(1);
      first.cancel();
      assertThrows(CancelledError.class, first::await);
      semaphore.release();
      second.await();
      assertEquals(List.of("second"), log);
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void a_permit_goes_past_a_waiter_that_was_just_cancelled() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> first = taker("first", semaphore);
      taker("second", semaphore);
      ticks(1);
      first.cancel();
      semaphore.release();
      ticks(1);
      assertEquals(List.of("second"), log);
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void a_permit_handed_to_a_cancelled_waiter_reaches_the_next() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> first = taker("first", semaphore);
      Task<?> second = taker("second", semaphore);
      ticks(1);
      semaphore.release(); // hands the permit to first …
      first.cancel(); // … which is cancelled before it runs
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second"), log);
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void a_permit_handed_to_a_cancelled_waiter_is_free_again_when_nobody_waits() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> waiter = taker("waiter", semaphore);
      ticks(1);
      semaphore.release();
      waiter.cancel();
      assertThrows(CancelledError.class, waiter::await);
      assertFalse(semaphore.locked());
    });
  }

  @Test
  void several_permits_handed_to_cancelled_waiters_all_reach_others() {
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> a = taker("a", semaphore);
      Task<?> b = taker("b", semaphore);
      Task<?> c = taker("c", semaphore);
      Task<?> d = taker("d", semaphore);
      ticks(1);
      semaphore.release();
      semaphore.release();
      a.cancel();
      b.cancel();
      c.await();
      d.await();
      assertEquals(List.of("c", "d"), log);
    });
  }

  @Test
  void more_permits_may_be_given_back_than_were_taken() {
    run(() -> {
      Semaphore semaphore = new Semaphore(1);
      semaphore.release();
      semaphore.acquire().await();
      semaphore.acquire().await();
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void a_bounded_semaphore_refuses_more_permits_than_it_started_with() {
    run(() -> {
      BoundedSemaphore semaphore = new BoundedSemaphore(1);
      var refused = assertThrows(IllegalArgumentException.class, semaphore::release);
      assertTrue(refused.getMessage().startsWith("BoundedSemaphore released too many times"));
      assertTrue(semaphore.acquire().await());
      semaphore.release();
      assertThrows(IllegalArgumentException.class, semaphore::release);
      assertTrue(
          semaphore.toString().matches("<BoundedSemaphore at 0x\\w+ \\[unlocked, value:1]>"),
          semaphore::toString);
    });
  }

  @Test
  void a_bounded_semaphore_has_one_permit_without_a_number() {
    run(() -> {
      BoundedSemaphore semaphore = new BoundedSemaphore();
      semaphore.acquire().await();
      assertTrue(semaphore.locked());
    });
  }

  @Test
  void a_negative_number_of_permits_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> new Semaphore(-1));
    assertThrows(IllegalArgumentException.class, () -> new BoundedSemaphore(-1));
  }

  @Test
  void a_wait_on_it_binds_it_to_the_loop() {
    Semaphore semaphore = new Semaphore(0);
    run(() -> {
      taker("waiter", semaphore);
      ticks(1);
      semaphore.release();
      ticks(1);
    });
    run(() -> {
      var refused = assertThrows(IllegalStateException.class, () -> semaphore.acquire().await());
      assertTrue(refused.getMessage().contains("is bound to a different event loop"));
    });
  }

  @Test
  void a_held_permit_is_given_back_at_the_end_of_the_block_whatever_happens() {
    run(() -> {
      Semaphore semaphore = new Semaphore(1);
      try (var _ = semaphore.hold().await()) {
        assertTrue(semaphore.locked());
      }
      assertFalse(semaphore.locked());
      IOException lost = new IOException("lost");
      assertSame(
          lost,
          assertThrows(
              IOException.class,
              () -> {
                try (var _ = semaphore.hold().await()) {
                  throw lost;
                }
              }));
      assertFalse(semaphore.locked());
    });
  }

  @Test
  void a_body_runs_with_a_permit_and_gives_it_back_whatever_happens() {
    run(() -> {
      Semaphore semaphore = new Semaphore(1);
      assertTrue(semaphore.hold(semaphore::locked));
      assertFalse(semaphore.locked());
      Task<?> holder = start(() -> semaphore.hold(() -> sleep(ofSeconds(9)).await()));
      ticks(1);
      assertTrue(semaphore.locked());
      holder.cancel();
      assertThrows(CancelledError.class, holder::await);
      assertFalse(semaphore.locked());
    });
  }

  @Test
  void text_tells_the_free_permits_and_how_many_wait() {
    run(() -> {
      Semaphore semaphore = new Semaphore(2);
      assertTrue(
          semaphore.toString().matches("<Semaphore at 0x\\w+ \\[unlocked, value:2]>"),
          semaphore::toString);
      semaphore.acquire().await();
      semaphore.acquire().await();
      taker("a", semaphore);
      ticks(1);
      assertTrue(semaphore.toString().endsWith(" [locked, waiters:1]>"), semaphore::toString);
    });
  }
}

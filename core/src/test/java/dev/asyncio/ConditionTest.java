package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConditionTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> waiter(String name, Condition condition) {
    return start(() -> {
      try (var _ = condition.hold().await()) {
        assertTrue(condition.waitFor().await());
        assertTrue(condition.locked());
        log.add(name);
      }
    });
  }

  private static void signal(Condition condition, int count) {
    condition.hold(() -> condition.signal(count));
  }

  @Test
  void waiting_gives_the_lock_up_and_has_it_again_afterwards() {
    run(() -> {
      Condition condition = new Condition();
      Task<?> waiter = waiter("waiter", condition);
      ticks(1);
      assertFalse(condition.locked());
      signal(condition, 1);
      waiter.await();
      assertFalse(condition.locked());
      assertEquals(List.of("waiter"), log);
    });
  }

  @Test
  void signals_go_to_the_waiters_in_the_order_in_which_they_came() {
    run(() -> {
      Condition condition = new Condition();
      for (String name : List.of("a", "b", "c", "d")) {
        waiter(name, condition);
      }
      ticks(1);
      condition.hold(() -> {
        condition.signal();
        condition.signal(2);
      });
      ticks(5);
      assertEquals(List.of("a", "b", "c"), log);
      condition.hold(condition::signalAll);
      ticks(5);
      assertEquals(List.of("a", "b", "c", "d"), log);
    });
  }

  @Test
  void a_signal_without_waiters_is_not_kept() {
    run(() -> {
      Condition condition = new Condition();
      signal(condition, 3);
      Task<?> waiter = waiter("waiter", condition);
      ticks(3);
      assertFalse(waiter.done());
    });
  }

  @Test
  void woken_waiters_go_on_one_by_one_as_they_get_the_lock() {
    run(() -> {
      Condition condition = new Condition();
      waiter("a", condition);
      waiter("b", condition);
      ticks(1);
      condition.acquire().await();
      condition.signalAll();
      ticks(3);
      assertEquals(List.of(), log);
      condition.release();
      ticks(1);
      assertEquals(List.of("a"), log);
      ticks(1);
      assertEquals(List.of("a", "b"), log);
    });
  }

  @Test
  void without_the_lock_one_can_neither_wait_nor_signal() {
    run(() -> {
      Condition condition = new Condition();
      var wait = assertThrows(IllegalStateException.class, () -> condition.waitFor().await());
      assertTrue(wait.getMessage().startsWith("cannot wait on un-acquired lock"));
      var signal = assertThrows(IllegalStateException.class, condition::signal);
      assertTrue(signal.getMessage().startsWith("cannot notify on un-acquired lock"));
      assertThrows(IllegalStateException.class, condition::signalAll);
      assertThrows(IllegalStateException.class, condition::release);
    });
  }

  @Test
  void a_predicate_that_holds_is_not_waited_for() {
    run(() -> {
      Condition condition = new Condition();
      assertEquals("yes", condition.waitFor(() -> "yes").await()); // not even the lock
    });
  }

  @Test
  void a_predicate_is_asked_again_after_every_signal_until_it_holds() {
    run(() -> {
      Condition condition = new Condition();
      ArrayDeque<String> jobs = new ArrayDeque<>();
      Task<String> taker =
          createTask(
              async(() -> {
                try (var _ = condition.hold().await()) {
                  return condition
                      .waitFor(() -> {
                        log.add("asked");
                        return jobs.peek();
                      })
                      .await();
                }
              }));
      ticks(1);
      signal(condition, 1);
      ticks(2);
      assertFalse(taker.done());
      jobs.add("job");
      signal(condition, 1);
      assertEquals("job", taker.await());
      assertEquals(List.of("asked", "asked", "asked"), log);
    });
  }

  @Test
  void false_does_not_hold() {
    run(() -> {
      Condition condition = new Condition();
      boolean[] ready = {false};
      Task<Boolean> waiter =
          createTask(async(() -> condition.hold(() -> condition.waitFor(() -> ready[0]).await())));
      ticks(1);
      assertFalse(waiter.done());
      ready[0] = true;
      signal(condition, 1);
      assertTrue(waiter.await());
    });
  }

  @Test
  void a_failing_predicate_ends_the_wait_with_the_lock_released_by_the_block() {
    run(() -> {
      Condition condition = new Condition();
      assertThrows(
          ArithmeticException.class,
          () ->
              condition.hold(() ->
                  condition
                      .waitFor(() -> {
                        throw new ArithmeticException();
                      })
                      .await()));
      assertFalse(condition.locked());
    });
  }

  @Test
  void a_cancelled_waiter_has_the_lock_again_before_it_ends() {
    run(() -> {
      Condition condition = new Condition();
      Task<?> waiter =
          start(() -> {
            condition.acquire().await();
            try {
              condition.waitFor().await();
            } finally {
              log.add("locked " + condition.locked());
              condition.release();
            }
          });
      ticks(1);
      condition.acquire().await();
      waiter.cancel();
      ticks(3);
      assertFalse(waiter.done());
      condition.release();
      assertThrows(CancelledError.class, waiter::await);
      assertEquals(List.of("locked true"), log);
      assertFalse(condition.locked());
    });
  }

  @Test
  void a_waiter_cancelled_again_while_it_takes_the_lock_still_takes_it_and_ends_with_the_last() {
    run(() -> {
      Condition condition = new Condition();
      Task<?> waiter = waiter("waiter", condition);
      ticks(1);
      condition.acquire().await();
      waiter.cancel("first");
      ticks(1);
      waiter.cancel("second");
      ticks(1);
      waiter.cancel("third");
      ticks(1);
      assertFalse(waiter.done());
      condition.release();
      var cancelled = assertThrows(CancelledError.class, waiter::await);
      assertEquals("third", cancelled.message());
      assertFalse(condition.locked());
    });
  }

  @Test
  void a_woken_waiter_cancelled_while_it_takes_the_lock_passes_the_signal_on() {
    run(() -> {
      Condition condition = new Condition();
      Task<?> first = waiter("first", condition);
      Task<?> second = waiter("second", condition);
      ticks(1);
      condition.acquire().await();
      condition.signal();
      ticks(1); // first is woken and waits for the lock
      first.cancel();
      condition.release();
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second"), log);
    });
  }

  @Test
  void a_waiter_cancelled_just_as_it_was_woken_passes_the_signal_on() {
    run(() -> {
      Condition condition = new Condition();
      Task<?> first = waiter("first", condition);
      Task<?> second = waiter("second", condition);
      ticks(1);
      signal(condition, 1);
      first.cancel();
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second"), log);
    });
  }

  @Test
  void two_conditions_may_share_a_lock() {
    run(() -> {
      Lock lock = new Lock();
      Condition full = new Condition(lock);
      Condition empty = new Condition(lock);
      waiter("full", full);
      Task<?> other = waiter("empty", empty);
      ticks(1);
      try (var _ = full.hold().await()) {
        assertTrue(lock.locked());
        assertTrue(empty.locked());
        full.signalAll();
      }
      ticks(3);
      assertEquals(List.of("full"), log);
      assertFalse(other.done());
    });
  }

  @Test
  void a_wait_on_it_binds_it_to_the_loop_and_a_refused_one_keeps_the_lock() {
    Condition condition = new Condition();
    run(() -> {
      waiter("waiter", condition);
      ticks(1);
      signal(condition, 1);
      ticks(2);
    });
    run(() -> {
      condition.acquire().await();
      var refused = assertThrows(IllegalStateException.class, () -> condition.waitFor().await());
      assertTrue(refused.getMessage().contains("is bound to a different event loop"));
      assertTrue(condition.locked());
      condition.release();
    });
  }

  @Test
  void text_tells_the_state_and_how_many_wait() {
    run(() -> {
      Condition condition = new Condition();
      assertTrue(
          condition.toString().matches("<Condition at 0x[0-9a-f]+ \\[unlocked]>"),
          condition::toString);
      waiter("a", condition);
      ticks(1);
      condition.acquire().await();
      assertTrue(condition.toString().endsWith(" [locked, waiters:1]>"), condition::toString);
      condition.release();
    });
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
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
class LockTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> locker(String name, Lock lock) {
    return start(() -> {
      lock.acquire().await();
      log.add(name);
      lock.release();
    });
  }

  @Test
  void taking_a_free_lock_does_not_suspend() {
    run(() -> {
      Lock lock = new Lock();
      start(() -> log.add("another task"));
      assertTrue(lock.acquire().await());
      log.add("locked");
      ticks(1);
      assertEquals(List.of("locked", "another task"), log);
    });
  }

  @Test
  void nothing_is_taken_before_the_coroutine_is_awaited() {
    run(() -> {
      Lock lock = new Lock();
      Coroutine<Boolean> acquire = lock.acquire();
      assertFalse(lock.locked());
      assertTrue(acquire.await());
      assertTrue(lock.locked());
    });
  }

  @Test
  void waiters_get_it_in_the_order_in_which_they_asked() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      locker("a", lock);
      locker("b", lock);
      locker("c", lock);
      ticks(1);
      lock.release();
      ticks(3);
      assertEquals(List.of("a", "b", "c"), log);
    });
  }

  @Test
  void a_newcomer_cannot_overtake_a_woken_waiter() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      locker("waiter", lock);
      ticks(1);
      lock.release(); // wakes the waiter, which has not run yet
      lock.acquire().await();
      log.add("newcomer");
      assertEquals(List.of("waiter", "newcomer"), log);
    });
  }

  @Test
  void a_newcomer_takes_it_at_once_when_all_waiters_were_cancelled() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      Task<?> waiter = locker("waiter", lock);
      start(() -> log.add("another task"));
      ticks(1);
      log.clear();
      waiter.cancel();
      lock.release();
      start(() -> log.add("another task"));
      lock.acquire().await();
      log.add("newcomer");
      ticks(1);
      assertEquals(List.of("newcomer", "another task"), log);
    });
  }

  @Test
  void a_cancelled_waiter_leaves_the_queue() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      Task<?> first = locker("first", lock);
      Task<?> second = locker("second", lock);
      ticks(1);
      first.cancel();
      assertThrows(CancelledError.class, first::await);
      assertTrue(lock.locked());
      lock.release();
      second.await();
      assertEquals(List.of("second"), log);
    });
  }

  @Test
  void a_waiter_cancelled_just_as_it_was_woken_passes_the_lock_on() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      Task<?> first = locker("first", lock);
      Task<?> second = locker("second", lock);
      ticks(1);
      lock.release(); // wakes first …
      first.cancel(); // … which is cancelled before it runs
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second"), log);
      assertFalse(lock.locked());
    });
  }

  @Test
  void a_waiter_that_was_just_cancelled_passes_the_lock_on_when_it_runs() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      Task<?> first = locker("first", lock);
      locker("second", lock);
      ticks(1);
      first.cancel();
      lock.release(); // the head cannot be woken, and nobody behind it is
      ticks(1);
      assertEquals(List.of(), log);
      ticks(1);
      assertEquals(List.of("second"), log);
    });
  }

  @Test
  void a_waiter_that_refuses_its_cancellation_is_still_without_the_lock() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      Task<Boolean> waiter =
          createTask(
              async(() -> {
                try {
                  return lock.acquire().await();
                } catch (CancelledError refused) {
                  return false;
                }
              }));
      ticks(1);
      waiter.cancel();
      assertFalse(waiter.await());
      lock.release();
      assertFalse(lock.locked());
    });
  }

  @Test
  void releasing_a_free_lock_is_refused() {
    Lock lock = new Lock();
    var refused = assertThrows(IllegalStateException.class, lock::release);
    assertTrue(refused.getMessage().startsWith("Lock is not acquired"), refused.getMessage());
  }

  @Test
  void the_task_that_has_it_cannot_take_it_again() {
    assertThrows(
        VirtualTime.Deadlock.class,
        () ->
            run(() -> {
              Lock lock = new Lock();
              lock.acquire().await();
              lock.acquire().await();
            }));
  }

  @Test
  void any_task_may_release_it() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      start(lock::release).await();
      assertFalse(lock.locked());
    });
  }

  @Test
  void a_wait_on_it_binds_it_to_the_loop() {
    Lock lock = new Lock();
    run(() -> {
      lock.acquire().await();
      locker("waiter", lock);
      ticks(1);
      lock.release();
      ticks(1);
    });
    run(() -> {
      lock.acquire().await(); // nothing to wait for: allowed
      var refused = assertThrows(IllegalStateException.class, () -> lock.acquire().await());
      assertTrue(refused.getMessage().contains("is bound to a different event loop"));
      assertTrue(refused.getMessage().startsWith("<Lock at 0x"), refused.getMessage());
      lock.release();
    });
  }

  @Test
  void uses_without_a_wait_bind_it_to_no_loop() {
    Lock lock = new Lock();
    for (int i = 0; i < 2; i++) {
      run(() -> {
        lock.acquire().await();
        lock.release();
      });
    }
    run(() -> {
      lock.acquire().await();
      Task<?> waiter = locker("waiter", lock);
      ticks(1);
      lock.release();
      waiter.await();
    });
    assertEquals(List.of("waiter"), log);
  }

  @Test
  void a_held_lock_is_released_at_the_end_of_the_block() {
    run(() -> {
      Lock lock = new Lock();
      try (var _ = lock.hold().await()) {
        assertTrue(lock.locked());
      }
      assertFalse(lock.locked());
    });
  }

  @Test
  void a_held_lock_is_released_when_the_block_fails() {
    run(() -> {
      Lock lock = new Lock();
      var failure =
          assertThrows(
              IOException.class,
              () -> {
                try (var _ = lock.hold().await()) {
                  throw new IOException("lost");
                }
              });
      assertEquals(0, failure.getSuppressed().length);
      assertFalse(lock.locked());
    });
  }

  @Test
  void a_held_lock_is_released_when_the_block_is_cancelled() {
    run(() -> {
      Lock lock = new Lock();
      Task<?> holder =
          start(() -> {
            try (var _ = lock.hold().await()) {
              sleep(ofSeconds(9)).await();
            }
          });
      ticks(1);
      holder.cancel();
      assertThrows(CancelledError.class, holder::await);
      assertFalse(lock.locked());
    });
  }

  @Test
  void a_task_cancelled_while_waiting_to_hold_it_releases_nothing() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      Task<?> waiter = start(() -> lock.hold(() -> log.add("held")));
      ticks(1);
      waiter.cancel();
      assertThrows(CancelledError.class, waiter::await);
      assertTrue(lock.locked());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void closing_what_is_held_twice_releases_once() {
    run(() -> {
      Lock lock = new Lock();
      Held held = lock.hold().await();
      held.close();
      lock.acquire().await();
      held.close();
      assertTrue(lock.locked());
    });
  }

  @Test
  void a_lock_released_by_hand_cannot_be_released_by_the_block_again() {
    run(() -> {
      Lock lock = new Lock();
      Held held = lock.hold().await();
      lock.release();
      assertThrows(IllegalStateException.class, held::close);
    });
  }

  @Test
  void a_body_runs_with_the_lock_and_gives_its_result() {
    run(() -> {
      Lock lock = new Lock();
      lock.acquire().await();
      start(() -> {
        sleep(ofSeconds(1)).await();
        lock.release();
      });
      String result = lock.hold(() -> lock.locked() ? "in the lock" : "outside");
      assertEquals("in the lock", result);
      assertFalse(lock.locked());
    });
  }

  @Test
  void what_a_body_throws_comes_out_itself_and_the_lock_is_free() {
    run(() -> {
      Lock lock = new Lock();
      IOException lost = new IOException("lost");
      assertSame(
          lost,
          assertThrows(
              IOException.class,
              () ->
                  lock.hold(() -> {
                    throw lost;
                  })));
      assertFalse(lock.locked());
      Action failing =
          () -> {
            throw lost;
          };
      assertSame(lost, assertThrows(IOException.class, () -> lock.hold(failing)));
      assertFalse(lock.locked());
    });
  }

  @Test
  void text_tells_the_state_and_how_many_wait() {
    run(() -> {
      Lock lock = new Lock();
      assertTrue(lock.toString().matches("<Lock at 0x[0-9a-f]+ \\[unlocked]>"), lock::toString);
      lock.acquire().await();
      locker("a", lock);
      locker("b", lock);
      ticks(1);
      assertTrue(lock.toString().endsWith(" [locked, waiters:2]>"), lock::toString);
    });
  }
}

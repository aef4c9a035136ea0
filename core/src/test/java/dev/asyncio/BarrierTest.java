package dev.asyncio;

import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BarrierTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> party(String name, Barrier barrier) {
    return start(() -> log.add(name + " " + barrier.waitFor().await()));
  }

  @Test
  void all_wait_until_the_last_has_come_and_get_the_order_of_their_coming() {
    run(() -> {
      Barrier barrier = new Barrier(3);
      party("a", barrier);
      party("b", barrier);
      ticks(5);
      assertEquals(List.of(), log);
      assertEquals(2, barrier.nWaiting());
      party("c", barrier);
      ticks(5);
      assertEquals(List.of("c 2", "a 0", "b 1"), log);
      assertEquals(0, barrier.nWaiting());
    });
  }

  @Test
  void the_last_one_is_not_suspended() {
    run(() -> {
      Barrier barrier = new Barrier(1);
      start(() -> log.add("another task"));
      assertEquals(0, barrier.waitFor().await());
      assertEquals(0, barrier.waitFor().await());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void it_takes_the_number_of_parties_it_was_made_for_and_at_least_one() {
    assertEquals(7, new Barrier(7).parties());
    assertThrows(IllegalArgumentException.class, () -> new Barrier(0));
    assertThrows(IllegalArgumentException.class, () -> new Barrier(-1));
  }

  @Test
  void who_comes_while_a_round_drains_waits_for_the_next_round() {
    run(() -> {
      Barrier barrier = new Barrier(2);
      party("a", barrier);
      ticks(1);
      party("b", barrier);
      party("c", barrier); // comes while a is still inside
      ticks(6);
      assertEquals(List.of("b 1", "a 0"), log);
      assertEquals(1, barrier.nWaiting());
      party("d", barrier);
      ticks(6);
      assertEquals(List.of("b 1", "a 0", "d 1", "c 0"), log);
    });
  }

  @Test
  void a_cancelled_party_leaves_and_the_barrier_goes_on_filling() {
    run(() -> {
      Barrier barrier = new Barrier(2);
      Task<?> a = party("a", barrier);
      ticks(1);
      a.cancel();
      assertThrows(CancelledError.class, a::await);
      assertEquals(0, barrier.nWaiting());
      assertFalse(barrier.broken());
      party("b", barrier);
      ticks(1);
      party("c", barrier);
      ticks(5);
      assertEquals(List.of("c 1", "b 0"), log);
    });
  }

  @Test
  void a_party_cancelled_once_all_have_come_changes_nothing_for_the_others() {
    run(() -> {
      Barrier barrier = new Barrier(3);
      Task<?> a = party("a", barrier);
      Task<?> b = party("b", barrier);
      ticks(1);
      barrier.waitFor().await();
      a.cancel();
      b.await();
      assertTrue(a.cancelled());
      assertEquals(List.of("b 1"), log);
      party("d", barrier);
      party("e", barrier);
      party("f", barrier);
      ticks(9);
      assertEquals(4, log.size());
    });
  }

  @Test
  void who_is_cancelled_while_waiting_for_a_round_to_drain_does_not_come_in() {
    run(() -> {
      Barrier barrier = new Barrier(2);
      party("a", barrier);
      ticks(1);
      party("b", barrier);
      Task<?> c = party("c", barrier);
      ticks(1);
      c.cancel();
      ticks(6);
      assertTrue(c.cancelled());
      assertEquals(0, barrier.nWaiting());
      assertEquals(List.of("b 1", "a 0"), log);
    });
  }

  @Test
  void a_reset_breaks_the_wait_of_those_inside_and_leaves_it_empty() {
    run(() -> {
      Barrier barrier = new Barrier(3);
      Task<?> a = party("a", barrier);
      Task<?> b = party("b", barrier);
      ticks(1);
      barrier.reset().await();
      assertThrows(BrokenBarrierException.class, a::await);
      assertThrows(BrokenBarrierException.class, b::await);
      assertFalse(barrier.broken());
      assertEquals(0, barrier.nWaiting());
      party("c", barrier);
      party("d", barrier);
      ticks(1);
      assertEquals(2, barrier.waitFor().await());
    });
  }

  @Test
  void who_comes_while_a_reset_is_under_way_waits_for_its_end() {
    run(() -> {
      Barrier barrier = new Barrier(2);
      Task<?> a = party("a", barrier);
      ticks(1);
      party("b", barrier); // runs before a, which the reset is about to wake
      barrier.reset().await();
      ticks(4);
      assertThrows(BrokenBarrierException.class, a::await);
      assertEquals(1, barrier.nWaiting());
      assertEquals(1, barrier.waitFor().await());
    });
  }

  @Test
  void resetting_an_empty_barrier_does_not_suspend() {
    run(() -> {
      Barrier barrier = new Barrier(2);
      start(() -> log.add("another task"));
      barrier.reset().await();
      assertEquals(List.of(), log);
    });
  }

  @Test
  void an_abort_breaks_it_for_all_who_wait_or_come_until_a_reset() {
    run(() -> {
      Barrier barrier = new Barrier(2);
      Task<?> a = party("a", barrier);
      ticks(1);
      barrier.abort().await();
      assertTrue(barrier.broken());
      assertEquals(0, barrier.nWaiting());
      assertThrows(BrokenBarrierException.class, a::await);
      assertThrows(BrokenBarrierException.class, () -> barrier.waitFor().await());
      barrier.reset().await();
      assertFalse(barrier.broken());
      party("b", barrier);
      ticks(1);
      assertEquals(1, barrier.waitFor().await());
    });
  }

  @Test
  void a_reset_or_abort_cancelled_while_the_barrier_is_busy_does_nothing() {
    run(() -> {
      Barrier barrier = new Barrier(3);
      Task<?> a = party("a", barrier);
      party("b", barrier);
      ticks(1);
      party("c", barrier);
      ticks(1); // c has gone, and woken a, which has the lock next
      Task<?> abort = start(() -> barrier.abort().await());
      Task<?> reset = start(() -> barrier.reset().await());
      abort.cancel();
      reset.cancel();
      ticks(6);
      assertTrue(abort.cancelled());
      assertTrue(reset.cancelled());
      assertTrue(a.done());
      assertFalse(barrier.broken());
      assertEquals(List.of("c 2", "a 0", "b 1"), log);
    });
  }

  @Test
  void a_wait_on_it_binds_it_to_the_loop() {
    Barrier barrier = new Barrier(2);
    run(() -> {
      Task<?> a = party("a", barrier);
      ticks(1);
      a.cancel();
      ticks(1);
    });
    run(() -> {
      var refused = assertThrows(IllegalStateException.class, () -> barrier.waitFor().await());
      assertTrue(refused.getMessage().contains("is bound to a different event loop"));
    });
  }

  @Test
  void text_tells_the_state_and_how_many_wait() {
    run(() -> {
      Barrier barrier = new Barrier(3);
      Task<?> a = party("a", barrier);
      ticks(1);
      assertTrue(
          barrier.toString().matches("<Barrier at 0x\\w+ \\[filling, waiters:1/3]>"),
          barrier::toString);
      barrier.abort().await();
      assertTrue(barrier.toString().endsWith(" [broken]>"), barrier::toString);
      assertThrows(BrokenBarrierException.class, a::await);
    });
  }
}

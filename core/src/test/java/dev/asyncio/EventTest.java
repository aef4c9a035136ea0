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
class EventTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> waiter(String name, Event event) {
    return start(() -> {
      assertTrue(event.waitFor().await());
      log.add(name);
    });
  }

  @Test
  void waiting_for_a_set_event_does_not_suspend() {
    run(() -> {
      Event event = new Event();
      event.set();
      start(() -> log.add("another task"));
      assertTrue(event.waitFor().await());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void setting_it_wakes_all_in_the_order_in_which_they_came() {
    run(() -> {
      Event event = new Event();
      waiter("a", event);
      waiter("b", event);
      waiter("c", event);
      ticks(2);
      assertEquals(List.of(), log);
      event.set();
      ticks(1);
      assertEquals(List.of("a", "b", "c"), log);
    });
  }

  @Test
  void a_woken_waiter_goes_on_though_the_event_was_cleared() {
    run(() -> {
      Event event = new Event();
      waiter("early", event);
      ticks(1);
      event.set();
      event.clear();
      Task<?> late = waiter("late", event);
      ticks(3);
      assertEquals(List.of("early"), log);
      assertFalse(late.done());
    });
  }

  @Test
  void setting_it_twice_wakes_those_who_came_in_between_once() {
    run(() -> {
      Event event = new Event();
      waiter("a", event);
      ticks(1);
      event.set();
      event.clear();
      waiter("b", event);
      ticks(1);
      event.set();
      event.set();
      ticks(1);
      assertEquals(List.of("a", "b"), log);
      assertTrue(event.isSet());
    });
  }

  @Test
  void a_cancelled_waiter_does_not_keep_the_others_from_being_woken() {
    run(() -> {
      Event event = new Event();
      Task<?> first = waiter("first", event);
      Task<?> second = waiter("second", event);
      ticks(1);
      first.cancel();
      event.set();
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second"), log);
    });
  }

  @Test
  void a_waiter_cancelled_just_as_it_was_woken_is_cancelled() {
    run(() -> {
      Event event = new Event();
      Task<?> waiter = waiter("waiter", event);
      ticks(1);
      event.set();
      waiter.cancel();
      assertThrows(CancelledError.class, waiter::await);
      assertEquals(List.of(), log);
      assertTrue(event.toString().endsWith(" [set]>"), event::toString);
    });
  }

  @Test
  void a_wait_on_it_binds_it_to_the_loop() {
    Event event = new Event();
    run(() -> {
      waiter("waiter", event);
      ticks(1);
      event.set();
      ticks(1);
    });
    run(() -> {
      assertTrue(event.waitFor().await()); // nothing to wait for: allowed
      event.clear();
      var refused = assertThrows(IllegalStateException.class, () -> event.waitFor().await());
      assertTrue(refused.getMessage().contains("is bound to a different event loop"));
    });
  }

  @Test
  void text_tells_the_state_and_how_many_wait() {
    run(() -> {
      Event event = new Event();
      assertTrue(event.toString().matches("<Event at 0x[0-9a-f]+ \\[unset]>"), event::toString);
      waiter("a", event);
      ticks(1);
      assertTrue(event.toString().endsWith(" [unset, waiters:1]>"), event::toString);
      event.set();
      assertTrue(event.toString().endsWith(" [set, waiters:1]>"), event::toString);
      ticks(1);
      assertTrue(event.toString().endsWith(" [set]>"), event::toString);
    });
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> getter(String name, Queue<?> queue) {
    return start(() -> log.add(name + " got " + queue.get().await()));
  }

  private Task<?> putter(Queue<String> queue, String item) {
    return start(() -> {
      queue.put(item).await();
      log.add("put " + item);
    });
  }

  private static Queue<String> holding(int maxsize, String... items) {
    Queue<String> queue = new Queue<>(maxsize);
    for (String item : items) {
      queue.putNowait(item);
    }
    return queue;
  }

  @Test
  void items_come_out_in_the_order_in_which_they_went_in() {
    run(() -> {
      Queue<String> queue = holding(0, "a", "b", "c");
      assertEquals("a", queue.get().await());
      assertEquals("b", queue.getNowait());
      assertEquals("c", queue.get().await());
      assertTrue(queue.empty());
    });
  }

  @Test
  void a_lifo_queue_gives_the_newest_first() {
    LifoQueue<String> queue = new LifoQueue<>();
    queue.putNowait("a");
    queue.putNowait("b");
    assertEquals("b", queue.getNowait());
    queue.putNowait("c");
    assertEquals("c", queue.getNowait());
    assertEquals("a", queue.getNowait());
  }

  @Test
  void a_priority_queue_gives_the_lowest_first() {
    PriorityQueue<Integer> queue = new PriorityQueue<>();
    for (int item : List.of(3, 1, 2, 1)) {
      queue.putNowait(item);
    }
    List<Integer> got = new ArrayList<>();
    while (!queue.empty()) {
      got.add(queue.getNowait());
    }
    assertEquals(List.of(1, 1, 2, 3), got);
  }

  @Test
  void a_priority_queue_may_have_an_order_of_its_own() {
    PriorityQueue<String> queue =
        new PriorityQueue<>(2, Comparator.nullsFirst(Comparator.<String>reverseOrder()));
    queue.putNowait("a");
    queue.putNowait("b");
    assertTrue(queue.full());
    assertEquals("b", queue.getNowait());
    queue.putNowait(null);
    assertNull(queue.getNowait());
    assertEquals("a", queue.getNowait());
  }

  @Test
  void null_is_an_item_like_any_other() {
    run(() -> {
      for (Queue<String> queue : List.of(new Queue<String>(), new LifoQueue<String>())) {
        queue.put(null).await();
        assertEquals(1, queue.qsize());
        assertTrue(queue.toString().contains("queue=[null]"), queue::toString);
        assertNull(queue.get().await());
        assertTrue(queue.empty());
      }
    });
  }

  @Test
  void putting_and_getting_do_not_suspend_while_they_need_not() {
    run(() -> {
      Queue<String> queue = new Queue<>(1);
      start(() -> log.add("another task"));
      queue.put("a").await();
      assertEquals("a", queue.get().await());
      queue.taskDone();
      queue.join().await();
      assertEquals(List.of(), log);
    });
  }

  @Test
  void nothing_is_put_or_taken_before_the_coroutine_is_awaited() {
    run(() -> {
      Queue<String> queue = holding(0, "a");
      Coroutine<String> get = queue.get();
      Coroutine<?> put = queue.put("b");
      assertEquals(1, queue.qsize());
      put.await();
      assertEquals("a", get.await());
    });
  }

  @Test
  void sizes_are_exact() {
    Queue<String> queue = holding(2, "a");
    assertEquals(2, queue.maxsize());
    assertEquals(1, queue.qsize());
    assertFalse(queue.empty());
    assertFalse(queue.full());
    queue.putNowait("b");
    assertTrue(queue.full());
    Queue<String> unbounded = holding(-1, "a", "b", "c");
    assertEquals(-1, unbounded.maxsize());
    assertFalse(unbounded.full());
  }

  @Test
  void what_cannot_be_done_now_is_refused_by_the_nowait_forms() {
    Queue<String> queue = new Queue<>(1);
    assertThrows(QueueEmptyException.class, queue::getNowait);
    queue.putNowait("a");
    assertThrows(QueueFullException.class, () -> queue.putNowait("b"));
    assertEquals(1, queue.qsize());
  }

  @Test
  void getters_are_served_in_the_order_in_which_they_came() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      getter("first", queue);
      getter("second", queue);
      ticks(1);
      queue.putNowait("a");
      queue.putNowait("b");
      ticks(1);
      assertEquals(List.of("first got a", "second got b"), log);
    });
  }

  @Test
  void putters_are_served_in_the_order_in_which_they_came() {
    run(() -> {
      Queue<String> queue = holding(1, "a");
      putter(queue, "b");
      putter(queue, "c");
      ticks(1);
      assertEquals("a", queue.get().await());
      ticks(1);
      assertEquals("b", queue.get().await());
      ticks(1);
      assertEquals("c", queue.get().await());
      assertEquals(List.of("put b", "put c"), log);
    });
  }

  @Test
  void a_full_queue_holds_the_producer_back() {
    run(() -> {
      Queue<Integer> queue = new Queue<>(2);
      Task<?> producer =
          start(() -> {
            for (int i = 0; i < 5; i++) {
              queue.put(i).await();
              log.add("put " + i);
            }
          });
      ticks(9);
      assertEquals(List.of("put 0", "put 1"), log);
      for (int i = 0; i < 5; i++) {
        assertEquals(i, queue.get().await());
      }
      producer.await();
    });
  }

  @Test
  void a_woken_getter_whose_item_was_taken_by_another_waits_on() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      Task<?> getter = getter("waiter", queue);
      ticks(1);
      queue.putNowait("a");
      assertEquals("a", queue.getNowait()); // before the getter has run
      ticks(3);
      assertFalse(getter.done());
      queue.putNowait("b");
      getter.await();
      assertEquals(List.of("waiter got b"), log);
    });
  }

  @Test
  void a_cancelled_getter_takes_nothing() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      Task<?> first = getter("first", queue);
      Task<?> second = getter("second", queue);
      ticks(1);
      first.cancel();
      queue.putNowait("a");
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second got a"), log);
    });
  }

  @Test
  void a_getter_cancelled_just_as_it_was_woken_leaves_the_item_to_the_next() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      Task<?> first = getter("first", queue);
      Task<?> second = getter("second", queue);
      ticks(1);
      queue.putNowait("a"); // wakes first …
      first.cancel(); // … which is cancelled before it runs
      second.await();
      assertTrue(first.cancelled());
      assertEquals(List.of("second got a"), log);
    });
  }

  @Test
  void a_getter_cancelled_after_its_item_was_taken_wakes_nobody() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      Task<?> first = getter("first", queue);
      getter("second", queue);
      getter("third", queue);
      ticks(1);
      queue.putNowait("a");
      assertEquals("a", queue.getNowait());
      first.cancel();
      ticks(2);
      queue.putNowait("b"); // second has kept its place
      ticks(1);
      assertEquals(List.of("second got b"), log);
    });
  }

  @Test
  void a_putter_cancelled_after_its_room_was_used_wakes_nobody() {
    run(() -> {
      Queue<String> queue = holding(1, "a");
      Task<?> first = putter(queue, "first");
      putter(queue, "second");
      putter(queue, "third");
      ticks(1);
      assertEquals("a", queue.getNowait());
      queue.putNowait("b");
      first.cancel();
      ticks(2);
      assertEquals("b", queue.getNowait()); // second has kept its place
      ticks(1);
      assertEquals(List.of("put second"), log);
    });
  }

  @Test
  void a_woken_putter_whose_room_was_used_by_another_waits_on() {
    run(() -> {
      Queue<String> queue = holding(1, "a");
      Task<?> putter = putter(queue, "late");
      ticks(1);
      assertEquals("a", queue.getNowait()); // wakes the putter …
      queue.putNowait("b"); // … which finds the room taken
      ticks(2);
      assertFalse(putter.done());
      assertEquals("b", queue.getNowait());
      putter.await();
      assertEquals("late", queue.getNowait());
    });
  }

  @Test
  void a_cancelled_putter_puts_nothing() {
    run(() -> {
      Queue<String> queue = holding(1, "a");
      Task<?> first = putter(queue, "b");
      Task<?> second = putter(queue, "c");
      ticks(1);
      first.cancel();
      assertEquals("a", queue.get().await());
      second.await();
      assertTrue(first.cancelled());
      assertEquals("c", queue.getNowait());
      assertTrue(queue.empty());
    });
  }

  @Test
  void a_putter_cancelled_just_as_it_was_woken_leaves_the_room_to_the_next() {
    run(() -> {
      Queue<String> queue = holding(1, "a");
      Task<?> first = putter(queue, "b");
      Task<?> second = putter(queue, "c");
      ticks(1);
      assertEquals("a", queue.getNowait()); // wakes first …
      first.cancel(); // … which is cancelled before it runs
      second.await();
      assertTrue(first.cancelled());
      assertEquals("c", queue.getNowait());
    });
  }

  @Test
  void join_waits_until_every_item_is_reported_as_done() {
    run(() -> {
      Queue<String> queue = holding(0, "a", "b");
      Task<?> joiner = createTask(queue.join());
      assertEquals("a", queue.get().await());
      assertEquals("b", queue.get().await());
      queue.taskDone();
      ticks(2);
      assertFalse(joiner.done());
      queue.taskDone();
      ticks(2);
      assertTrue(joiner.done());
    });
  }

  @Test
  void a_cancelled_joiner_leaves_the_queue_as_it_was() {
    run(() -> {
      Queue<String> queue = holding(0, "a");
      Task<?> joiner = createTask(queue.join());
      ticks(1);
      joiner.cancel();
      assertThrows(CancelledError.class, joiner::await);
      assertEquals(1, queue.qsize());
      assertEquals("a", queue.getNowait());
      queue.taskDone();
      queue.join().await();
    });
  }

  @Test
  void more_items_done_than_were_put_are_refused() {
    Queue<String> queue = holding(0, "a");
    queue.taskDone();
    var refused = assertThrows(IllegalArgumentException.class, queue::taskDone);
    assertTrue(refused.getMessage().startsWith("task_done() called too many times"));
  }

  @Test
  void after_a_shutdown_nothing_comes_in_and_the_rest_can_be_taken() {
    run(() -> {
      Queue<String> queue = holding(0, "a", "b");
      queue.shutdown();
      assertThrows(QueueShutDownException.class, () -> queue.put("c").await());
      assertThrows(QueueShutDownException.class, () -> queue.putNowait("c"));
      assertEquals("a", queue.get().await());
      assertEquals("b", queue.getNowait());
      assertThrows(QueueShutDownException.class, () -> queue.get().await());
      assertThrows(QueueShutDownException.class, queue::getNowait);
    });
  }

  @Test
  void a_shutdown_wakes_all_who_wait() {
    run(() -> {
      Queue<String> queue = new Queue<>(1);
      Task<?> a = getter("a", queue);
      Task<?> b = getter("b", queue);
      ticks(1);
      queue.shutdown();
      assertThrows(QueueShutDownException.class, a::await);
      assertThrows(QueueShutDownException.class, b::await);
      Queue<String> full = holding(1, "x");
      Task<?> c = putter(full, "c");
      Task<?> d = putter(full, "d");
      ticks(1);
      full.shutdown();
      assertThrows(QueueShutDownException.class, c::await);
      assertThrows(QueueShutDownException.class, d::await);
      assertEquals("x", full.getNowait());
    });
  }

  @Test
  void a_putter_woken_for_room_just_before_the_shutdown_is_refused() {
    run(() -> {
      Queue<String> queue = holding(1, "a");
      Task<?> putter = putter(queue, "b");
      ticks(1);
      assertEquals("a", queue.getNowait());
      queue.shutdown();
      assertThrows(QueueShutDownException.class, putter::await);
      assertTrue(queue.empty());
    });
  }

  @Test
  void an_immediate_shutdown_drops_the_items_and_counts_them_as_done() {
    run(() -> {
      Queue<String> queue = holding(0, "a", "b", "c");
      assertEquals("a", queue.get().await());
      Task<?> joiner = createTask(queue.join());
      ticks(1);
      queue.shutdown(true);
      assertTrue(queue.empty());
      assertThrows(QueueShutDownException.class, queue::getNowait);
      ticks(2);
      assertFalse(joiner.done()); // what was taken is still being worked on
      queue.taskDone();
      joiner.await();
    });
  }

  @Test
  void an_immediate_shutdown_frees_join_when_nothing_taken_is_open() {
    run(() -> {
      Queue<String> queue = holding(0, "a", "b");
      Task<?> joiner = createTask(queue.join());
      ticks(1);
      queue.shutdown(true);
      joiner.await();
    });
  }

  @Test
  void iterating_gives_the_items_and_ends_after_the_shutdown() {
    run(() -> {
      Queue<String> queue = holding(0, "a");
      start(() -> {
        sleep(ofSeconds(1)).await();
        queue.putNowait("b");
        sleep(ofSeconds(1)).await();
        queue.putNowait("c");
        queue.shutdown();
      });
      for (String item : queue) {
        log.add(item);
      }
      assertEquals(List.of("a", "b", "c"), log);
    });
  }

  @Test
  void iterating_a_queue_that_is_shut_down_meanwhile_ends() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      Task<?> consumer =
          start(() -> {
            for (String item : queue) {
              log.add(item);
            }
            log.add("end");
          });
      ticks(1);
      queue.shutdown();
      consumer.await();
      assertEquals(List.of("end"), log);
    });
  }

  @Test
  void several_tasks_may_share_the_items_by_iterating() {
    run(() -> {
      Queue<Integer> queue = new Queue<>();
      List<Task<?>> workers = new ArrayList<>();
      List<Integer> seen = new ArrayList<>();
      for (int w = 0; w < 3; w++) {
        workers.add(
            start(() -> {
              for (int item : queue) {
                seen.add(item);
                sleep(ofSeconds(item)).await();
              }
            }));
      }
      for (int i = 0; i < 9; i++) {
        queue.put(i).await();
      }
      queue.shutdown();
      for (Task<?> worker : workers) {
        worker.await();
      }
      assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8), seen);
    });
  }

  @Test
  void cancelling_an_iteration_that_waits_loses_no_item() {
    run(() -> {
      Queue<String> queue = new Queue<>();
      Task<?> consumer =
          start(() -> {
            for (String item : queue) {
              log.add(item);
            }
          });
      ticks(1);
      queue.putNowait("a");
      consumer.cancel();
      assertThrows(CancelledError.class, consumer::await);
      assertEquals(List.of(), log);
      assertEquals("a", queue.getNowait());
    });
  }

  @Test
  void an_iterator_asked_twice_takes_one_item_and_has_none_after_the_end() {
    run(() -> {
      Queue<String> queue = holding(0, "a");
      queue.shutdown();
      Iterator<String> items = queue.iterator();
      assertTrue(items.hasNext());
      assertTrue(items.hasNext());
      assertEquals("a", items.next());
      assertFalse(items.hasNext());
      assertThrows(NoSuchElementException.class, items::next);
    });
  }

  @Test
  void a_wait_on_it_binds_it_to_the_loop_for_getting_and_putting_alike() {
    Queue<String> queue = new Queue<>(1);
    run(() -> {
      getter("getter", queue);
      ticks(1);
      queue.putNowait("a");
      ticks(1);
    });
    run(() -> {
      var get = assertThrows(IllegalStateException.class, () -> queue.get().await());
      assertTrue(get.getMessage().contains("is bound to a different event loop"));
      queue.put("b").await(); // nothing to wait for: allowed
      assertThrows(IllegalStateException.class, () -> queue.put("c").await());
    });
  }

  @Test
  void text_tells_what_is_in_it_and_who_waits() {
    run(() -> {
      Queue<String> queue = new Queue<>(2);
      assertTrue(queue.toString().matches("<Queue at 0x\\w+ maxsize=2>"), queue::toString);
      Task<?> getter = getter("getter", queue);
      ticks(1);
      assertTrue(queue.toString().endsWith(" maxsize=2 getters[1]>"), queue::toString);
      getter.cancel();
      ticks(1);
      queue.putNowait("a");
      queue.putNowait("b");
      Task<?> putter = putter(queue, "c");
      ticks(1);
      assertTrue(queue.toString().endsWith(" queue=[a, b] putters[1] tasks=2>"), queue::toString);
      queue.shutdown(true);
      assertTrue(queue.toString().endsWith(" maxsize=2 shutdown>"), queue::toString);
      assertThrows(QueueShutDownException.class, putter::await);
    });
  }
}

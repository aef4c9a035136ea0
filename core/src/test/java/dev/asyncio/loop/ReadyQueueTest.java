package dev.asyncio.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadyQueueTest {
  private ReadyQueue queue = new ReadyQueue();
  private final List<Integer> log = new ArrayList<>();
  private int added;

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      int number = added++;
      queue.add(() -> log.add(number));
    }
  }

  private void runTurn() {
    queue.beginTurn();
    for (Runnable entry; (entry = queue.next()) != null; ) {
      entry.run();
    }
  }

  private void assertAllInOrder() {
    assertEquals(IntStream.range(0, added).boxed().toList(), log);
    assertTrue(queue.isEmpty());
  }

  @Test
  void it_keeps_the_order_wherever_in_the_ring_it_has_to_grow() {
    for (int before = 0; before < 70; before++) {
      queue = new ReadyQueue();
      add(before);
      runTurn(); // so that the entries begin somewhere in the middle
      add(1000);
      assertEquals(1000, queue.size());
      runTurn();
      assertAllInOrder();
    }
  }

  @Test
  void what_is_added_in_a_turn_waits_for_the_next() {
    add(3);
    queue.add(() -> add(200));
    runTurn();
    assertEquals(List.of(0, 1, 2), log);
    assertEquals(200, queue.size());
    runTurn();
    assertAllInOrder();
    assertEquals(2, queue.turns());
  }

  @Test
  void nothing_is_left_after_clear_be_it_in_a_turn() {
    add(100);
    queue.beginTurn();
    queue.clear();
    assertNull(queue.next());
    assertTrue(queue.isEmpty());
    add(1);
    assertNull(queue.next(), "of no turn yet");
  }
}

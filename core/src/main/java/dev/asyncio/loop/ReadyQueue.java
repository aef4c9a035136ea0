package dev.asyncio.loop;

import dev.asyncio.Task;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is ready to run, in the order in which it became so, and how much of it this turn runs.
 *
 * <p>An object of its own, since its counters change with each entry: other threads, when they post
 * to the loop, read fields of that, and would fetch a changed cache line each time.
 *
 * <p><b>Threads:</b> loop only.
 */
final class ReadyQueue {

  /** A ring, whose length is a power of two. */
  private @Nullable Object[] ring = new @Nullable Object[64];

  // Counts of entries, of which the low bits are places in the ring. They may overflow: only
  // differences matter. Invariant: head, endOfTurn and tail come in this order.
  private int head;
  private int endOfTurn;
  private int tail;

  private long turns;

  void add(Runnable entry) {
    ring[tail & (ring.length - 1)] = entry;
    tail++;
    if (size() == ring.length) {
      grow();
    }
  }

  private void grow() {
    @Nullable Object[] larger = new @Nullable Object[2 * ring.length];
    for (int i = head; i != tail; i++) {
      larger[i & (larger.length - 1)] = ring[i & (ring.length - 1)];
    }
    ring = larger;
  }

  boolean isEmpty() {
    return tail == head;
  }

  int size() {
    return tail - head;
  }

  void clear() {
    Arrays.fill(ring, null);
    head = tail;
    endOfTurn = tail;
  }

  /** How many turns have begun. */
  long turns() {
    return turns;
  }

  /** What is ready now is what this turn runs; what is added later waits for the next. */
  void beginTurn() {
    turns++;
    endOfTurn = tail;
  }

  /** Takes the next entry of this turn; null if there is none. */
  @Nullable Runnable next() {
    return head == endOfTurn ? null : take();
  }

  private Runnable take() {
    int place = head & (ring.length - 1);
    var entry = (Runnable) Objects.requireNonNull(ring[place]);
    ring[place] = null;
    head++;
    return entry;
  }

  /** Takes the next entry of this turn if that is the step of a task, or the first step of one. */
  @Nullable Task<?> nextStep(boolean first) {
    if (head != endOfTurn
        && ring[head & (ring.length - 1)] instanceof Task<?> task
        && (!first || task.begins())) {
      take();
      return task;
    }
    return null;
  }
}

package dev.asyncio.loop;

import dev.asyncio.TimerHandle;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Timers by time: a binary heap whose sifting is that of Python's {@code heapq}, so that timers of
 * one instant come out in the order in which CPython runs them.
 *
 * <p>Cancelled timers stay where they are until they reach the top. When they are more than half of
 * over a hundred, the heap is made anew without them.
 *
 * <p><b>Source:</b> CPython 3.14, {@code base_events.py} and {@code heapq.py}.
 */
final class TimerQueue {

  private static final int FEW = 100;

  private @Nullable TimerHandle[] heap = new @Nullable TimerHandle[64];

  /** The times of the timers in {@code heap}, where sifting finds them side by side. */
  private long[] times = new long[64];

  private int size;
  private int cancelled;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** How many are not cancelled. */
  int waiting() {
    return size - cancelled;
  }

  /** When the earliest is due; there must be one. */
  long earliest() {
    return times[0];
  }

  void add(TimerHandle timer) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
      times = Arrays.copyOf(times, 2 * size);
    }
    timer.scheduled(true);
    siftDown(size++, timer, timer.whenNanos(), 0);
  }

  /** A timer of this queue has been cancelled. */
  void cancelled() {
    cancelled++;
  }

  /** Takes cancelled timers off the top, or all of them out if they are many. */
  void dropCancelled() {
    if (size > FEW && 2 * cancelled > size) {
      rebuild();
      return;
    }
    while (size > 0 && at(0).cancelled()) {
      cancelled--;
      pop();
    }
  }

  private void rebuild() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      TimerHandle timer = at(i);
      if (timer.cancelled()) {
        timer.scheduled(false);
      } else {
        times[kept] = times[i];
        heap[kept++] = timer;
      }
    }
    Arrays.fill(heap, kept, size, null);
    size = kept;
    cancelled = 0;
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftUp(i);
    }
  }

  /** Gives out the timers whose time is {@code now} or earlier. */
  void drainDue(long now, Consumer<? super TimerHandle> out) {
    while (size > 0 && times[0] <= now) {
      TimerHandle timer = pop();
      if (timer.cancelled()) {
        cancelled--;
      }
      out.accept(timer);
    }
  }

  private TimerHandle pop() {
    TimerHandle last = at(--size);
    heap[size] = null;
    TimerHandle top = last;
    if (size > 0) {
      top = at(0);
      heap[0] = last;
      times[0] = times[size];
      siftUp(0);
    }
    top.scheduled(false);
    return top;
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      at(i).scheduled(false);
    }
    Arrays.fill(heap, 0, size, null);
    size = 0;
    cancelled = 0;
  }

  private TimerHandle at(int index) {
    return Objects.requireNonNull(heap[index]);
  }

  /** heapq's names: moves {@code timer} from a free leaf towards the root, to its place. */
  private void siftDown(int from, TimerHandle timer, long when, int root) {
    int position = from;
    while (position > root) {
      int parent = (position - 1) >> 1;
      if (when >= times[parent]) {
        break;
      }
      move(parent, position);
      position = parent;
    }
    heap[position] = timer;
    times[position] = when;
  }

  /** Moves the smaller child up until a leaf is free, without looking at the timer to place. */
  private void siftUp(int root) {
    TimerHandle timer = at(root);
    long when = times[root];
    int position = root;
    int child;
    while ((child = 2 * position + 1) < size) {
      int right = child + 1;
      if (right < size && times[child] >= times[right]) {
        child = right; // on a tie the right one
      }
      move(child, position);
      position = child;
    }
    siftDown(position, timer, when, root);
  }

  private void move(int from, int to) {
    heap[to] = heap[from];
    times[to] = times[from];
  }
}

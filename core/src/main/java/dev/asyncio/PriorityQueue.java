package dev.asyncio;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Queue} that gives the lowest item first. Among equal items the order is open.
 *
 * <p>Items are compared as they go in and out, in their natural order or by a comparator.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.PriorityQueue}.
 *
 * @param <T> the type of the items; without a comparator they are {@link Comparable} to each other
 */
public class PriorityQueue<T extends @Nullable Object> extends Queue<T> {

  /** Makes an empty queue in natural order, without a bound. */
  public PriorityQueue() {
    this(0);
  }

  /**
   * Makes an empty queue in natural order.
   *
   * @param maxsize how many items it holds at most; 0 or less means without a bound
   */
  @SuppressWarnings("unchecked") // as documented; the first comparison fails if they are not
  public PriorityQueue(int maxsize) {
    this(maxsize, (a, b) -> ((Comparable<Object>) a).compareTo(b));
  }

  /**
   * Makes an empty queue with an order of its own.
   *
   * @param maxsize how many items it holds at most; 0 or less means without a bound
   * @param order what comes out first
   */
  public PriorityQueue(int maxsize, Comparator<? super T> order) {
    super(
        maxsize,
        new java.util.PriorityQueue<>(
            (a, b) -> order.compare(Queue.<T>unmasked(a), Queue.<T>unmasked(b))),
        true);
  }
}

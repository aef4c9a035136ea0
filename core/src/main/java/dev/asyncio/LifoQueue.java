package dev.asyncio;

import java.util.ArrayDeque;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Queue} that gives the newest item first.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.LifoQueue}.
 *
 * @param <T> the type of the items; {@code null} is an item like any other
 */
public class LifoQueue<T extends @Nullable Object> extends Queue<T> {

  /** Makes an empty queue without a bound. */
  public LifoQueue() {
    this(0);
  }

  /**
   * Makes an empty queue.
   *
   * @param maxsize how many items it holds at most; 0 or less means without a bound
   */
  public LifoQueue(int maxsize) {
    super(maxsize, Collections.asLifoQueue(new ArrayDeque<>()), true);
  }
}

package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * An iterator whose {@link #hasNext} and {@link #next} may suspend the current task. Since methods
 * have no colour here it is an ordinary {@link Iterator} too: Python's {@code async for} is a plain
 * {@code for}, and whatever takes an iterator takes this one, inside a coroutine.
 *
 * <p><b>Cancellation:</b> an implementation that waits is cancelled like any other code that
 * awaits; it should lose no item then.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code object.__anext__}. <b>Differs:</b> the end is {@code
 * hasNext()} being false instead of {@code StopAsyncIteration}.
 *
 * @param <T> the items
 */
@CheckReturnValue
public interface AsyncIterator<T extends @Nullable Object> extends Iterator<T> {

  /**
   * The next item, as a coroutine: to give it a time limit, or to make a task of it.
   *
   * <p><b>Errors:</b> {@link java.util.NoSuchElementException} at the end.
   */
  default Coroutine<T> anext() {
    return Coroutine.of(this::next);
  }

  /** The next item, or {@code otherwise} at the end. */
  default Coroutine<T> anext(T otherwise) {
    return Coroutine.of(() -> hasNext() ? next() : otherwise);
  }
}

package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to iterate whose items have to be waited for. Inside a coroutine a plain {@code for}
 * does it:
 *
 * <pre>{@code
 * for (Row row : table.rows()) {   // may suspend before each row
 *   show(row);
 * }
 * }</pre>
 *
 * <p>A {@link Queue}, a stream reader or {@link AsCompleted} are iterated in the same way; {@link
 * AsyncGenerator} makes one of a piece of code.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code object.__aiter__}.
 *
 * @param <T> the items
 */
@FunctionalInterface
@CheckReturnValue
public interface AsyncIterable<T extends @Nullable Object> extends Iterable<T> {

  /** An iterator over the items; its methods may suspend, making it does not. */
  @Override
  AsyncIterator<T> iterator();

  /** {@link #iterator} under asyncio's name. */
  default AsyncIterator<T> aiter() {
    return iterator();
  }

  /** Collects the items that come until the end; Python's {@code [x async for x in it]}. */
  default Coroutine<List<T>> toList() {
    return Coroutine.of(() -> {
      List<T> items = new ArrayList<>();
      for (T item : this) {
        items.add(item);
      }
      return items;
    });
  }
}

package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncGenerator} that is closed at the end of a block, however that is left; {@link
 * Asyncio#aclosing} makes one.
 *
 * <pre>{@code
 * try (var lines = aclosing(tail(file))) {
 *   for (String line : lines) {
 *     if (line.contains("ready")) {
 *       break;   // the finally blocks of tail run now, in this task
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code contextlib.aclosing}.
 *
 * @param <T> the items
 */
public final class Aclosing<T extends @Nullable Object> implements AsyncIterable<T>, AutoCloseable {

  private final AsyncGenerator<T> generator;

  Aclosing(AsyncGenerator<T> generator) {
    this.generator = generator;
  }

  /** The generator. */
  public AsyncGenerator<T> generator() {
    return generator;
  }

  @Override
  public AsyncIterator<T> iterator() {
    return generator;
  }

  /**
   * Closes the generator; may suspend, as its {@code finally} blocks may.
   *
   * <p><b>Errors:</b> as {@link AsyncGenerator#aclose}.
   */
  @Override
  public void close() {
    generator.closeNow();
  }

  @Override
  public String toString() {
    return "<aclosing " + generator + ">";
  }
}

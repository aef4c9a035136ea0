package dev.asyncio;

import java.io.Serial;

/**
 * The limit of a stream's buffer was passed while looking for a separator. The data is still in the
 * buffer: read {@link #consumed()} bytes with {@code readExactly} to get past it, or make the
 * stream with a larger limit.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.LimitOverrunError}.
 */
public class LimitOverrunException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final int consumed;

  /** With the number of bytes that can be discarded without losing a separator. */
  public LimitOverrunException(String message, int consumed) {
    super(message);
    this.consumed = consumed;
  }

  /** The number of bytes to discard to get past the data. */
  public int consumed() {
    return consumed;
  }
}

package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that {@link Queue#getNowait()} found no item.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.QueueEmpty}.
 */
public class QueueEmptyException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public QueueEmptyException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what happened, to whom, and the mend; or null
   */
  public QueueEmptyException(@Nullable String message) {
    super(message);
  }
}

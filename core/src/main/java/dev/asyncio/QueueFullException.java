package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that {@link Queue#putNowait} found no room.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.QueueFull}.
 */
public class QueueFullException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public QueueFullException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what happened, to whom, and the mend; or null
   */
  public QueueFullException(@Nullable String message) {
    super(message);
  }
}

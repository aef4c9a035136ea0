package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that a queue was shut down: it takes no new items, and a {@code get} finds none left.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.QueueShutDown}.
 */
public class QueueShutDownException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public QueueShutDownException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what happened, to whom, and the mend; or null
   */
  public QueueShutDownException(@Nullable String message) {
    super(message);
  }
}

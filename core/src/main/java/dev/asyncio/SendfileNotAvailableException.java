package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that the operating system cannot send this file over this transport by itself.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.SendfileNotAvailableError}.
 */
public class SendfileNotAvailableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public SendfileNotAvailableException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what happened, to whom, and the mend; or null
   */
  public SendfileNotAvailableException(@Nullable String message) {
    super(message);
  }
}

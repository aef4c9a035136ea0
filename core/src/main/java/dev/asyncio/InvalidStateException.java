package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that a future or task is not in the state that the call needs, such as a result set twice or
 * read too early.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.InvalidStateError}.
 */
public class InvalidStateException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public InvalidStateException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what happened, to whom, and the mend; or null
   */
  public InvalidStateException(@Nullable String message) {
    super(message);
  }
}

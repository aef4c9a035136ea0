package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that a deadline passed before the work was done.
 *
 * <p>It is unchecked, unlike {@link java.util.concurrent.TimeoutException}: catching the other one
 * by mistake does not compile where nothing throws it.
 *
 * <p><b>Source:</b> CPython 3.14, {@code TimeoutError}.
 */
public class TimeoutException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public TimeoutException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what took too long, or null
   */
  public TimeoutException(@Nullable String message) {
    super(message);
  }

  /**
   * Makes one with a message and the cancellation that ended the work.
   *
   * @param message what took too long, or null
   * @param cause what ended the work, usually a {@link CancelledError}; or null
   */
  public TimeoutException(@Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

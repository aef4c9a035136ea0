package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that the task, future or operation was cancelled.
 *
 * <p>It is an {@link Error} so that {@code catch (Exception e)} lets a cancellation through, for
 * the reason that it is a {@code BaseException} in Python. Clean up in {@code finally}; whoever
 * catches it throws it on, unless refusing the cancellation is what is meant.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.CancelledError}.
 */
public final class CancelledError extends Error {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public CancelledError() {
    this(null);
  }

  /**
   * Makes one with the message that was given to {@code cancel(message)}.
   *
   * @param message what to tell whoever is cancelled, or null
   */
  public CancelledError(@Nullable String message) {
    super(message);
  }

  /**
   * Returns the message given to {@code cancel(message)}.
   *
   * @return the message, or null when there was none
   */
  public @Nullable String message() {
    return getMessage();
  }
}

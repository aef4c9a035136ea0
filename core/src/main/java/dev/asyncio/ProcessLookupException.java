package dev.asyncio;

import java.io.Serial;

/**
 * Says that a signal was to be sent to a child process that is gone.
 *
 * <p><b>Source:</b> CPython 3.14, {@code ProcessLookupError}.
 */
public final class ProcessLookupException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message which process, and how it ended
   */
  public ProcessLookupException(String message) {
    super(message);
  }
}

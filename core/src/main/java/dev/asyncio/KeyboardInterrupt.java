package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that the user asked the program to stop, by Ctrl-C.
 *
 * <p>It is an {@link Error}, so that {@code catch (Exception e)} lets it through. Thrown by a
 * callback or a task it leaves the loop at once: {@code run} throws it to its caller.
 *
 * <p><b>Source:</b> CPython 3.14, {@code KeyboardInterrupt}.
 */
public final class KeyboardInterrupt extends Error {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public KeyboardInterrupt() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what to say, or null
   */
  public KeyboardInterrupt(@Nullable String message) {
    super(message);
  }
}

package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Asks the program to end, running every {@code finally} on the way out.
 *
 * <p>It is an {@link Error}, so that {@code catch (Exception e)} lets it through. Thrown by a
 * callback or a task it leaves the loop at once: {@code run} throws it to its caller. {@link
 * System#exit} ends the process instead, without unwinding anything.
 *
 * <p><b>Source:</b> CPython 3.14, {@code SystemExit}.
 */
public final class SystemExit extends Error {
  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /** Asks for an end with exit status 0. */
  public SystemExit() {
    this(0);
  }

  /**
   * Asks for an end with the given exit status.
   *
   * @param code the exit status of the process
   */
  public SystemExit(int code) {
    super();
    this.code = code;
  }

  /**
   * Asks for an end with exit status 1 and a text that tells why.
   *
   * @param message the reason, or null
   */
  public SystemExit(@Nullable String message) {
    super(message);
    this.code = 1;
  }

  /**
   * Returns the exit status asked for.
   *
   * @return the exit status of the process
   */
  public int code() {
    return code;
  }
}

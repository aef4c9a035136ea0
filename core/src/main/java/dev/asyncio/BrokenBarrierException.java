package dev.asyncio;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Says that a {@link Barrier} was aborted, or reset while tasks were waiting at it.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.BrokenBarrierError}.
 */
public class BrokenBarrierException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one without a message. */
  public BrokenBarrierException() {
    super();
  }

  /**
   * Makes one with a message.
   *
   * @param message what happened, to whom, and the mend; or null
   */
  public BrokenBarrierException(@Nullable String message) {
    super(message);
  }
}

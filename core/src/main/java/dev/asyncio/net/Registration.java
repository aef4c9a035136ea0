package dev.asyncio.net;

/**
 * A channel's entry with the poller: which readiness its owner wants to hear of.
 *
 * <p>All methods are idempotent and cost a system call at most when the interest really changes,
 * and that one at the next poll. <b>Threads:</b> loop only.
 */
public interface Registration {
  /** Turns on or off the interest in reading (accepting, for a listening channel). */
  void reading(boolean on);

  /**
   * Turns on or off the interest in writing. While a connect is pending on the channel this is the
   * interest in the connect's end.
   */
  void writing(boolean on);

  /**
   * Forgets the channel and both callbacks without closing the channel. Closing the channel itself
   * does the same implicitly.
   */
  void close();

  /**
   * As {@link #close}, and the channel will be closed after the next poll: the system has forgotten
   * it by then, which makes closing it cheaper. It cannot be registered again.
   */
  default void end() {
    close();
  }
}

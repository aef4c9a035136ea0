package dev.asyncio;

/**
 * The time of an event loop: what now is, and what it means to wait for later.
 *
 * <p>A virtual clock, for tests, moves itself forward in {@link #idle} instead of letting the loop
 * wait: an hour of timeouts passes in no time and in a fixed order.
 *
 * <p><b>Threads:</b> {@link #nanoTime} any; {@link #idle} the loop's.
 */
public interface Clock {

  /** The time in nanoseconds since some fixed moment; it never goes back. */
  long nanoTime();

  /**
   * Called by the loop when it has nothing to run.
   *
   * @param nanos how long until the next timer is due; {@link Long#MAX_VALUE} if there is none
   * @return how long the loop may really wait for I/O: {@code nanos} for a clock that goes by
   *     itself, 0 for one that has moved to the next timer just now. What this throws leaves {@link
   *     AbstractEventLoop#runForever}.
   */
  default long idle(long nanos) {
    return nanos;
  }

  /** The system's monotonic clock, from zero. */
  static Clock system() {
    long start = System.nanoTime();
    return () -> System.nanoTime() - start;
  }
}

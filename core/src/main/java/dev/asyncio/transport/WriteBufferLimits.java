package dev.asyncio.transport;

/**
 * Water marks of a write buffer, in bytes: above {@code high} the protocol is paused, at {@code
 * low} it is resumed.
 */
public record WriteBufferLimits(long low, long high) {
  /** 16 KiB and 64 KiB, with which every transport starts. */
  public static final WriteBufferLimits DEFAULT = new WriteBufferLimits(16 * 1024, 64 * 1024);

  /**
   * Checks the order of the marks.
   *
   * @throws IllegalArgumentException unless {@code high >= low >= 0}
   */
  public WriteBufferLimits {
    if (!(high >= low && low >= 0)) {
      throw new IllegalArgumentException(
          "high (" + high + ") must be >= low (" + low + ") must be >= 0");
    }
  }

  /** Marks for a caller who names the high one only: the low one is a quarter of it. */
  public static WriteBufferLimits ofHigh(long high) {
    return new WriteBufferLimits(high / 4, high);
  }

  /** Marks for a caller who names the low one only: the high one is four times it. */
  public static WriteBufferLimits ofLow(long low) {
    return new WriteBufferLimits(low, 4 * low);
  }
}

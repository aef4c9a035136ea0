package dev.asyncio;

import java.time.Duration;

/** From {@link Duration} to the nanoseconds that loops count in; what is too long is for ever. */
final class Durations {

  private Durations() {}

  /** {@code duration} in nanoseconds, or the nearest that fits. */
  static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException tooLong) {
      return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** The moment {@code delay} after {@code now}. */
  static long later(long now, Duration delay) {
    long nanos = nanos(delay);
    long later = now + nanos;
    return nanos > 0 && later < now ? Long.MAX_VALUE : later;
  }
}

package dev.asyncio.conformance;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What programs compute with: numbers ({@code Double}s, and the {@code Integer}s that the library
 * gives), truth values, texts, null, lists, and objects of the library.
 */
final class Values {

  private static final double NANOS_PER_SECOND = 1e9;

  private Values() {}

  /** Python's truth of a value. */
  static boolean isTrue(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean truth -> truth;
      case Number number -> number.doubleValue() != 0;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      default -> true;
    };
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  /** The number that a value is; true counts as 1. */
  static double number(@Nullable Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case Boolean truth -> truth ? 1 : 0;
      case null, default -> throw new ProgramException(Kind.TYPE_ERROR, "a number is needed");
    };
  }

  static int integer(@Nullable Object value) {
    return (int) number(value);
  }

  static boolean areEqual(@Nullable Object a, @Nullable Object b) {
    if (isNumber(a) && isNumber(b)) {
      return number(a) == number(b);
    }
    return Objects.equals(a, b);
  }

  /** Seconds as the library takes them; what is finer than a nanosecond is cut off. */
  static Duration duration(@Nullable Object seconds) {
    return Duration.ofNanos((long) Math.floor(number(seconds) * NANOS_PER_SECOND));
  }

  static @Nullable Duration durationOrNull(@Nullable Object seconds) {
    return seconds == null ? null : duration(seconds);
  }

  static Double seconds(Duration duration) {
    return duration.toNanos() / NANOS_PER_SECOND;
  }

  static @Nullable Double secondsOrNull(@Nullable Duration duration) {
    return duration == null ? null : seconds(duration);
  }

  /** The text of null, of a truth value or of a number, in Python's words. */
  static String plainText(@Nullable Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean truth -> truth ? "True" : "False";
      case Number number -> numberText(number.doubleValue());
      default -> throw new BadProgram("no text for " + value.getClass().getName());
    };
  }

  private static String numberText(double number) {
    if (number == Math.rint(number)) {
      return Long.toString((long) number);
    }
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}

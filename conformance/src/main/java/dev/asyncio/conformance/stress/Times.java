package dev.asyncio.conformance.stress;

import org.jspecify.annotations.Nullable;

/** Durations, all of them multiples of an eighth of a second, and few, so that they often meet. */
final class Times {

  private final Dice dice;

  Times(Dice dice) {
    this.dice = dice;
  }

  Number any() {
    return dice.percent(60) ? eighths(dice.between(1, 8)) : eighths(dice.between(1, 32));
  }

  /** One that is likely to end before others. */
  Number brief() {
    return dice.percent(15) ? 0 : eighths(dice.between(1, 5));
  }

  /** How long to wait at most; null for ever. */
  @Nullable Number limit() {
    return switch (dice.between(0, 19)) {
      case 0 -> null;
      case 1, 2 -> 0;
      case 3 -> -1;
      case 4, 5, 6, 7, 8, 9 -> any();
      default -> eighths(dice.between(1, 5));
    };
  }

  private static Number eighths(int count) {
    return count % 8 == 0 ? (Number) (count / 8) : (Number) (count / 8.0);
  }
}

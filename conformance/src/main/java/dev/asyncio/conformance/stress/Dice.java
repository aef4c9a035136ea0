package dev.asyncio.conformance.stress;

import java.util.List;
import java.util.Map;
import java.util.Random;

/** Choices at random, the same ones for the same seed on every machine. */
final class Dice {

  private final Random random;

  Dice(long seed) {
    this.random = new Random(seed); // its algorithm is specified
  }

  /** True in so many of a hundred cases. */
  boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  /** A number from {@code low} to {@code high}, both included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  @SafeVarargs
  final <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** One of the keys; the values say how likely each is. */
  <T> T weighted(Map<T, Integer> weights) {
    int left = random.nextInt(weights.values().stream().mapToInt(Integer::intValue).sum());
    for (var entry : weights.entrySet()) {
      left -= entry.getValue();
      if (left < 0) {
        return entry.getKey();
      }
    }
    throw new AssertionError("the weights add up to their sum");
  }
}

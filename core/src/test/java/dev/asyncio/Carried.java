package dev.asyncio;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.asyncio.loop.SelectorEventLoop;

/** Which engine the tests run on. */
final class Carried {

  private Carried() {}

  /** Whether loops are on the carried engine by default. */
  static boolean chosen() {
    try (var loop = new SelectorEventLoop()) {
      return loop.engineKind() == EngineKind.CARRIED;
    }
  }

  /** Skips a test on the portable engine. */
  static void assumed(String why) {
    assumeTrue(chosen(), why);
  }
}

package dev.asyncio;

import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
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

  /** Brings the JVM to where threads of finished tasks are kept: it does not keep its first. */
  static void keepsThreads() {
    run(() -> {
      for (int i = 0; i < 10_000; i++) {
        start(() -> ticks(1));
      }
      ticks(2);
    });
  }
}

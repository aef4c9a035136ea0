package dev.asyncio.child;

import org.jspecify.annotations.Nullable;

/**
 * Which {@link Launcher} this JVM uses: the native one where it works, unless {@code
 * -Dasyncio.children} says {@code native} or {@code jdk}.
 */
final class Mechanism {
  private static volatile boolean loaded;
  private static @Nullable Launcher nativeOne;
  private static @Nullable Launcher jdkOne;

  private Mechanism() {}

  /** Whether {@link #chosen} is quick. */
  static boolean loaded() {
    return loaded;
  }

  /**
   * The one to use now. The first time takes a while.
   *
   * @throws IllegalStateException if one is demanded that cannot be had, with what would mend it
   */
  static synchronized Launcher chosen() {
    String demanded = System.getProperty("asyncio.children");
    Launcher launcher =
        switch (demanded) {
          case null -> NativeLauncher.obstacle() == null ? nativeOne() : jdkOne();
          case "jdk" -> jdkOne();
          case "native" -> {
            String obstacle = NativeLauncher.obstacle();
            if (obstacle != null) {
              throw new IllegalStateException(
                  "-Dasyncio.children=native cannot be had: " + obstacle);
            }
            yield nativeOne();
          }
          default ->
              throw new IllegalStateException(
                  "-Dasyncio.children=" + demanded + " is unknown; it may be native or jdk");
        };
    loaded = true;
    return launcher;
  }

  private static Launcher nativeOne() {
    return nativeOne == null ? nativeOne = NativeLauncher.create() : nativeOne;
  }

  private static Launcher jdkOne() {
    return jdkOne == null ? jdkOne = new JdkLauncher() : jdkOne;
  }
}

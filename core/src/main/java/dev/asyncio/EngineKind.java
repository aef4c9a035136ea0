package dev.asyncio;

import dev.asyncio.engine.CarriedEngine;
import java.util.Arrays;
import java.util.Locale;

/** The two ways in which a coroutine's stack is suspended. */
public enum EngineKind {
  /**
   * Virtual threads whose scheduler is the loop: the faster one, in which a blocking JDK call
   * inside a coroutine lets the loop go on. Needs {@code --add-opens java.base/java.lang=…}.
   */
  CARRIED,

  /** Public API only: works everywhere, without flags. */
  PORTABLE;

  /** The system property that forces one: {@code carried} or {@code portable}. */
  public static final String PROPERTY = "asyncio.engine";

  /**
   * What the system property says, else the carried engine where it can be had.
   *
   * @throws IllegalArgumentException if the property has another value
   */
  static EngineKind chosen() {
    String forced = System.getProperty(PROPERTY, "");
    if (forced.isEmpty()) {
      return CarriedEngine.unavailable() == null ? CARRIED : PORTABLE;
    }
    return Arrays.stream(values())
        .filter(kind -> kind.toString().equals(forced.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "-D" + PROPERTY + "=" + forced + ": there are 'carried' and 'portable'"));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

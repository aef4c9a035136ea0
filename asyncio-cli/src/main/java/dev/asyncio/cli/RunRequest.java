package dev.asyncio.cli;

import dev.asyncio.EngineKind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code asyncio run} was asked to do.
 *
 * @param file the source file, as written on the command line
 * @param arguments what the program gets
 * @param debug whether loops start in debug mode
 * @param engine the engine to force, or null to let the library choose
 * @param cache whether compiled classes are kept and used again
 */
record RunRequest(
    String file,
    List<String> arguments,
    boolean debug,
    @Nullable EngineKind engine,
    boolean cache) {

  /**
   * Reads {@code run [--debug] [--engine NAME] [--no-cache] FILE [ARGUMENT…]}, or returns null for
   * all else.
   *
   * <p>{@link CommandLineInterface} understands the same and more, and has the words for what it
   * does not understand. But loading its parser takes longer (0.15 s) than all the rest of a start,
   * so the usual command line does without.
   */
  static @Nullable RunRequest parsePlain(String[] args) {
    if (args.length < 2 || !args[0].equals("run")) {
      return null;
    }
    boolean debug = false;
    boolean cache = true;
    String engine = null;
    int next = 1;
    for (; next < args.length && args[next].startsWith("-"); next++) {
      String option = args[next];
      if (option.equals("--debug")) {
        debug = true;
      } else if (option.equals("--no-cache")) {
        cache = false;
      } else if (option.equals("--engine") && next + 1 < args.length && engine == null) {
        engine = args[++next];
      } else if (option.startsWith("--engine=") && engine == null) {
        engine = option.substring("--engine=".length());
      } else {
        return null;
      }
    }
    EngineKind known = engine == null ? null : engineNamed(engine);
    if (next == args.length || (known == null && engine != null)) {
      return null;
    }
    var arguments = List.of(Arrays.copyOfRange(args, next + 1, args.length));
    return new RunRequest(args[next], arguments, debug, known, cache);
  }

  static @Nullable EngineKind engineNamed(String name) {
    for (EngineKind engine : EngineKind.values()) {
      if (engine.toString().equals(name)) {
        return engine;
      }
    }
    return null;
  }
}

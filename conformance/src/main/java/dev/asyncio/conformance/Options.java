package dev.asyncio.conformance;

import dev.asyncio.EngineKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param places the folders and files of cases; empty for the project's own
 * @param engine the engine to run on, or null for the one that the library chooses
 * @param areas the areas to run; empty for all
 * @param help whether only the usage is asked for
 */
record Options(List<Path> places, @Nullable EngineKind engine, Set<String> areas, boolean help) {

  static final String USAGE =
      """
      usage: conformance [DIR|FILE...] [--engine carried|portable] [--area AREA]...

      Runs recorded cases (.jsonl) of CPython's asyncio against this library, the project's own
      ones unless told otherwise, and prints the first differences side by side. Exit status: 0
      when all pass, 1 when some differ, 2 when the cases could not be run.\
      """;

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException when it cannot be understood
   */
  static Options parse(String... args) {
    var places = new ArrayList<Path>();
    var areas = new LinkedHashSet<String>();
    EngineKind engine = null;
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext()) {
      String word = words.next();
      switch (word) {
        case "--help", "-h" -> {
          return new Options(List.of(), null, Set.of(), true);
        }
        case "--engine" -> engine = engine(valueOf(word, words));
        case "--area" -> areas.add(valueOf(word, words));
        default -> {
          if (word.startsWith("-")) {
            throw new IllegalArgumentException("unknown option " + word + "; see --help");
          }
          places.add(Path.of(word));
        }
      }
    }
    return new Options(List.copyOf(places), engine, areas, false);
  }

  private static String valueOf(String option, Iterator<String> words) {
    if (!words.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value; see --help");
    }
    return words.next();
  }

  private static EngineKind engine(String name) {
    return switch (name) {
      case "carried" -> EngineKind.CARRIED;
      case "portable" -> EngineKind.PORTABLE;
      default ->
          throw new IllegalArgumentException(
              "unknown engine " + name + "; there are carried and portable");
    };
  }
}

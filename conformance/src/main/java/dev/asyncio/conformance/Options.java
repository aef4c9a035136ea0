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
 * @param stress the random programs to run instead of cases, or null
 */
record Options(
    List<Path> places,
    @Nullable EngineKind engine,
    Set<String> areas,
    boolean help,
    @Nullable StressRange stress) {

  /**
   * Which random programs are asked for.
   *
   * @param seed that they are made from
   * @param count how many
   * @param printed whether they are to be printed rather than run
   */
  record StressRange(long seed, int count, boolean printed) {}

  static final String USAGE =
      """
      usage: conformance [DIR|FILE...] [--engine carried|portable] [--area AREA]...
             conformance --stress [SEED [COUNT]] [--engine carried|portable] [--print]

      Runs recorded cases (.jsonl) of CPython's asyncio against this library, the project's own
      ones unless told otherwise, and prints the first differences side by side. Exit status: 0
      when all pass, 1 when some differ, 2 when the cases could not be run.

      --stress runs random programs, 1000 of seed 1 unless told otherwise: each twice on each
      engine. All runs must do the same and leave nothing behind. A program that fails is printed as
      a case, to be kept in a file and run again. --print prints the programs, runs none.\
      """;

  private static final long FIRST_SEED = 1;
  private static final int SOME = 1000;

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException when it cannot be understood
   */
  static Options parse(String... args) {
    var places = new ArrayList<Path>();
    var areas = new LinkedHashSet<String>();
    EngineKind engine = null;
    boolean stressed = false;
    boolean printed = false;
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext()) {
      String word = words.next();
      switch (word) {
        case "--help", "-h" -> {
          return new Options(List.of(), null, Set.of(), true, null);
        }
        case "--engine" -> engine = engine(valueOf(word, words));
        case "--stress" -> stressed = true;
        case "--print" -> printed = true;
        case "--area" -> areas.add(valueOf(word, words));
        default -> {
          if (word.startsWith("-")) {
            throw new IllegalArgumentException("unknown option " + word + "; see --help");
          }
          places.add(Path.of(word));
        }
      }
    }
    if (stressed) {
      return new Options(List.of(), engine, Set.of(), false, range(places, printed));
    }
    if (printed) {
      throw new IllegalArgumentException("--print goes with --stress; see --help");
    }
    return new Options(List.copyOf(places), engine, areas, false, null);
  }

  /** The words after --stress, which are numbers there. */
  private static StressRange range(List<Path> words, boolean printed) {
    if (words.size() > 2) {
      throw new IllegalArgumentException("--stress takes a seed and a count; see --help");
    }
    try {
      long seed = words.isEmpty() ? FIRST_SEED : Long.parseLong(words.getFirst().toString());
      int count = words.size() < 2 ? SOME : Integer.parseInt(words.get(1).toString());
      if (count < 1) {
        throw new IllegalArgumentException("--stress runs one program at least, not " + count);
      }
      return new StressRange(seed, count, printed);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--stress takes numbers: " + words + "; see --help", e);
    }
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

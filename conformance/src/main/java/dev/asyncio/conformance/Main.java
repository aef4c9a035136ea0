package dev.asyncio.conformance;

import dev.asyncio.EngineKind;
import dev.asyncio.Runner;
import dev.asyncio.RunnerOptions;
import dev.asyncio.conformance.stress.RandomPrograms;
import dev.asyncio.conformance.stress.Stress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The command: runs recorded cases, or random programs, and says how many did as they should. */
public final class Main {

  private static final int ALL_PASSED = 0;
  private static final int SOME_DIFFER = 1;
  private static final int NOT_RUN = 2;
  private static final Duration LIMIT_OF_A_CASE = Duration.ofSeconds(10);

  private Main() {}

  /**
   * Runs the command; {@code --help} tells more.
   *
   * @param args the command line
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(System.out, System.err, args));
  }

  /** Runs the command and gives its exit status. */
  static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
    try {
      Options options = Options.parse(args);
      if (options.help()) {
        out.println(Options.USAGE);
        return ALL_PASSED;
      }
      if (options.stress() != null) {
        return stress(options, options.stress(), out);
      }
      List<Case> cases = choose(options);
      out.println(cases.size() + " cases on the " + engineName(options) + " engine");
      Report report = run(cases, new CaseRunner(options.engine(), LIMIT_OF_A_CASE));
      out.println(report);
      return report.allPassed() ? ALL_PASSED : SOME_DIFFER;
    } catch (IllegalArgumentException e) {
      err.println("conformance: " + e.getMessage());
      return NOT_RUN;
    }
  }

  private static int stress(Options options, Options.StressRange range, PrintStream out)
      throws InterruptedException {
    if (range.printed()) {
      var programs = new RandomPrograms(range.seed());
      for (int number = 0; number < range.count(); number++) {
        out.println(Stress.lineOf(programs.program(number)));
      }
      return ALL_PASSED;
    }
    List<EngineKind> engines =
        options.engine() == null ? ObservedPrograms.engines() : List.of(options.engine());
    out.println(range.count() + " programs of seed " + range.seed() + " on " + engines);
    int passed = new Stress(new ObservedPrograms(), engines, out).run(range.seed(), range.count());
    out.println("stress: " + passed + " of " + range.count());
    return passed == range.count() ? ALL_PASSED : SOME_DIFFER;
  }

  static Report run(List<Case> cases, CaseRunner runner) throws InterruptedException {
    var report = new Report();
    for (Case each : cases) {
      report.add(new Comparison(each, runner.run(each)));
    }
    return report;
  }

  /** The folder of the project's own cases, where the launcher or the build says that it is. */
  static Path ownCases() {
    return Path.of(System.getProperty("conformance.cases", "cases"));
  }

  private static List<Case> choose(Options options) {
    List<Case> all =
        CaseFiles.readAll(options.places().isEmpty() ? List.of(ownCases()) : options.places());
    Set<String> areas = new TreeSet<>();
    all.forEach(each -> areas.add(each.area()));
    for (String wanted : options.areas()) {
      if (!areas.contains(wanted)) {
        throw new IllegalArgumentException("no case is in area " + wanted + "; there are " + areas);
      }
    }
    if (options.areas().isEmpty()) {
      return all;
    }
    return all.stream().filter(each -> options.areas().contains(each.area())).toList();
  }

  /** The engine that cases will run on; whether it can be had is known once a loop is made. */
  private static String engineName(Options options) {
    RunnerOptions runner = RunnerOptions.defaults();
    try (var probe =
        new Runner(options.engine() == null ? runner : runner.engine(options.engine()))) {
      return probe.getLoop().engineKind().toString();
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}

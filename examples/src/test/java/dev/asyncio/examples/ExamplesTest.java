package dev.asyncio.examples;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs in this folder, started as a user starts them, on the engine under test. */
@Timeout(value = 120, unit = SECONDS)
class ExamplesTest {
  private static final Path FOLDER = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

  static List<String> programs() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void it_compiles_without_a_warning(String program, @TempDir Path classes) throws Exception {
    Programs.compile(FOLDER.resolve(program), classes);
  }

  @ParameterizedTest
  @MethodSource("programs")
  void it_runs_to_a_good_end(String program) throws Exception {
    Programs.run(FOLDER.resolve(program));
  }
}

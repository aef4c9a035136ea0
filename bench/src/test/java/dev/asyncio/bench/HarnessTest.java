package dev.asyncio.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The Python that {@code bench/compare}, {@code bench/growth} and {@code bench/charts} share. */
class HarnessTest {
  @Test
  void its_own_tests_pass() throws Exception {
    assumeTrue(onThePath("python3"), "no python3 on the PATH");
    Process tests =
        new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "harness")
            .redirectErrorStream(true)
            .start();
    String said = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, tests.waitFor(), said);
  }

  private static boolean onThePath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}

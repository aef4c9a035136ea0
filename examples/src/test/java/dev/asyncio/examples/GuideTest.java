package dev.asyncio.examples;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs in the guide: each compiles without a warning and prints what the guide says. */
@Timeout(value = 300, unit = SECONDS)
class GuideTest {
  private static final Path GUIDE =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("docs/guide");
  private static final Pattern PROGRAM =
      Pattern.compile("```java\\n(.*?)```(.*?)```output\\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> programs() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> pages = Files.list(GUIDE)) {
      for (Path page : pages.sorted().toList()) {
        Matcher program = PROGRAM.matcher(Files.readString(page));
        for (int number = 1; program.find(); number++) {
          String source = program.group(1);
          String output = program.group(3);
          assertFalse(program.group(2).contains("```"), page + ": a program without its output");
          Path file = folder.resolve("Program" + tests.size() + ".java");
          tests.add(
              DynamicTest.dynamicTest(
                  page.getFileName() + ", program " + number, () -> check(file, source, output)));
        }
      }
    }
    assertFalse(tests.isEmpty(), "no programs in " + GUIDE);
    return tests.stream();
  }

  private static void check(Path file, String source, String output) throws Exception {
    Files.writeString(file, source, StandardCharsets.UTF_8);
    Programs.compile(file, file.resolveSibling("classes"));
    assertEquals(output, Programs.run(file));
  }
}

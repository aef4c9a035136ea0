package dev.asyncio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.asyncio.Asyncio;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** Other programs, where they are installed. */
final class Programs {
  private Programs() {}

  /** The first that is installed; ends the test, saying so, where none is. */
  static String installed(String... names) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String name : names) {
      for (String folder : path.split(Pattern.quote(File.pathSeparator))) {
        if (Path.of(folder, name).toFile().canExecute()) {
          return name;
        }
      }
    }
    return Assumptions.abort("not installed, so not tried: " + String.join(", ", names));
  }

  /** A Python that can import a module; ends the test, saying so, where none can. */
  static String pythonWith(String module) throws IOException {
    List<String> names = new ArrayList<>(List.of(installed("python3"), "/usr/bin/python3"));
    for (String name : names) {
      if (!name.startsWith("/") || new File(name).canExecute()) {
        Process probe =
            new ProcessBuilder(name, "-c", "import " + module)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (probe.onExit().join().exitValue() == 0) {
          return name;
        }
      }
    }
    return Assumptions.abort("not tried: no python3 can import " + module);
  }

  static Process launch(String... command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Gives the program its input, and returns all it said; waits on another thread. */
  static String outputOf(Process process, String input) {
    try {
      return Asyncio.toThread(
              () -> {
                try (var stdin = process.getOutputStream()) {
                  stdin.write(Loopback.bytes(input));
                }
                byte[] output = process.getInputStream().readAllBytes();
                assertEquals(0, process.waitFor());
                return Loopback.text(output);
              })
          .await();
    } finally {
      process.destroy();
    }
  }

  /** Gives the program a line, returns the one it says then, and ends it. */
  static String answerOf(Process process, String line) throws IOException {
    try {
      process.getOutputStream().write(Loopback.bytes(line + "\n"));
      process.getOutputStream().flush();
      return lineOf(process);
    } finally {
      process.destroy();
    }
  }

  /** The next line that a program says; waits on another thread. */
  static String lineOf(Process process) {
    BufferedReader output = process.inputReader(StandardCharsets.US_ASCII);
    return String.valueOf(Asyncio.toThread(output::readLine).await());
  }
}

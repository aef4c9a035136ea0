package dev.asyncio;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A JVM of its own, on the same engine as this one, for what a test cannot do to its own JVM. */
final class ChildJvm {

  /** How a program ended, and what it had to say. */
  record Outcome(int status, List<String> out, String err) {}

  private ChildJvm() {}

  /** Runs the {@code main} of a class of the tests to its end. */
  static Outcome run(Class<?> program, List<String> flags, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (engine().equals("carried")) {
      command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
      command.add("-Dasyncio.engine=carried");
    }
    command.addAll(flags);
    command.add("-cp");
    command.add(folderOf(Asyncio.class) + java.io.File.pathSeparator + folderOf(program));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    Path err = java.nio.file.Files.createTempFile("child", ".err");
    Process process =
        new ProcessBuilder(command).redirectError(err.toFile()).start();
    try {
      process.getOutputStream().close();
      String out =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      return new Outcome(status, out.lines().toList(), java.nio.file.Files.readString(err));
    } finally {
      process.destroyForcibly();
      java.nio.file.Files.delete(err);
    }
  }

  /** The engine that loops get here by default. */
  static String engine() {
    try (AbstractEventLoop loop = Asyncio.newEventLoop()) {
      return loop.engineKind().toString();
    }
  }

  private static Path folderOf(Class<?> type) {
    String file = type.getName().replace('.', '/') + ".class";
    try {
      Path path =
          Path.of(
              Objects.requireNonNull(type.getResource("/" + file), file).toURI());
      for (int i = 0; i < file.chars().filter(c -> c == '/').count() + 1; i++) {
        path = path.getParent();
      }
      return path;
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}

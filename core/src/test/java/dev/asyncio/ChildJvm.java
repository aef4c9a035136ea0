package dev.asyncio;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A JVM of its own, on the same engine as this one, for what a test cannot do to its own JVM. */
final class ChildJvm {

  /** How a program ended, and what it had to say. */
  record Outcome(int status, List<String> out, String err) {}

  /**
   * A background job of a shell without job control ignores SIGINT, and so does what it starts;
   * this makes the child hear it all the same, where the system can.
   */
  private static final List<String> HEARING_INTERRUPTS =
      canRun("env", "--default-signal=INT", "true")
          ? List.of("env", "--default-signal=INT")
          : List.of();

  private ChildJvm() {}

  private static boolean canRun(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  /** Runs the {@code main} of a class of the tests to its end, on the engine of this JVM. */
  static Outcome run(Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of(), engine(), program, arguments);
  }

  /** The same, started by a script for {@code sh} whose {@code "$@"} it is. */
  static Outcome runUnder(String script, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of("sh", "-c", script, "sh"), engine(), program, arguments);
  }

  private static List<String> engine() {
    return Carried.chosen()
        ? List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-Dasyncio.engine=carried")
        : List.of("-Dasyncio.engine=portable");
  }

  /** Runs it as a program that knows nothing of engines. */
  static Outcome runWithoutFlags(Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of(), List.of(), program, arguments);
  }

  private static Outcome run(
      List<String> shell, List<String> flags, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(HEARING_INTERRUPTS);
    command.addAll(shell);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(folderOf(Asyncio.class) + File.pathSeparator + folderOf(program));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    Path err = Files.createTempFile("child", ".err");
    var builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "ASYNCIO_DEBUG"));
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      return new Outcome(status, out.lines().toList(), Files.readString(err));
    } finally {
      process.destroyForcibly();
      Files.delete(err);
    }
  }

  private static Path folderOf(Class<?> type) {
    String file = type.getName().replace('.', '/') + ".class";
    try {
      Path path = Path.of(Objects.requireNonNull(type.getResource("/" + file), file).toURI());
      return path.resolve("../".repeat(file.split("/", -1).length)).normalize();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}

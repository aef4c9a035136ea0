package dev.asyncio.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.asyncio.Asyncio;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts programs as a user starts them, with the library on the module path. */
final class Programs {
  private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");
  private static final boolean CARRIED = "carried".equals(System.getProperty("asyncio.engine"));

  private Programs() {}

  /** Compiles a source file; any warning is an error. */
  static void compile(Path file, Path classes) throws Exception {
    start("javac", "-Xlint:all", "-Werror", "-d", classes.toString(), file.toString());
  }

  /** Runs a source file on the engine under test and gives what it printed. */
  static String run(Path file) throws Exception {
    var arguments = new ArrayList<String>();
    if (CARRIED) {
      arguments.add("--add-opens=java.base/java.lang=dev.asyncio");
      arguments.add("--enable-native-access=dev.asyncio");
    }
    arguments.add("-Dasyncio.engine=" + (CARRIED ? "carried" : "portable"));
    arguments.add(file.toString());
    return start("java", arguments.toArray(String[]::new));
  }

  /** Runs one of the JDK's tools to its end; it has to exit with 0. */
  private static String start(String tool, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(JDK.resolve(tool).toString()));
    command.addAll(List.of("--module-path", library(), "--add-modules", "dev.asyncio"));
    command.addAll(List.of(arguments));
    Path said = Files.createTempFile("asyncio-program", ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      process.getOutputStream().close();
      int exit = process.waitFor();
      String output = read(said);
      assertEquals(0, exit, () -> String.join(" ", command) + "\n" + output);
      return output;
    } finally {
      process.destroyForcibly();
      Files.delete(said);
    }
  }

  private static String library() throws URISyntaxException {
    var source = Asyncio.class.getProtectionDomain().getCodeSource();
    return Path.of(source.getLocation().toURI()).toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "(no output: " + e + ")";
    }
  }
}

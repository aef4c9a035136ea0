package dev.asyncio.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.asyncio.Asyncio;
import dev.asyncio.javac.AsyncioPlugin;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/**
 * The {@code asyncio} script of this repository, as a user calls it; but on the classes of this
 * build, on the engine under test, and with a cache of its own.
 */
final class Script {
  static final Path HOME = Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
  static final String ENGINE = System.getProperty("asyncio.engine", "carried");

  private final Path cache;
  private final Map<String, String> environment = new HashMap<>();
  private Path folder;

  /**
   * @param folder where to call it, and where its cache is
   */
  Script(Path folder) {
    this.folder = folder;
    this.cache = folder.resolve("cache");
  }

  /** What a call left behind. */
  record Ended(int status, String out, String err) {}

  Script in(Path other) {
    folder = other;
    return this;
  }

  /** Sets a variable of the environment for the calls from now on. */
  void with(String name, String value) {
    environment.put(name, value);
  }

  /** Runs a program, to its end. */
  Ended run(String... fileAndArguments) throws Exception {
    var arguments = new ArrayList<>(List.of("run", "--engine", ENGINE));
    arguments.addAll(List.of(fileAndArguments));
    return call(arguments);
  }

  /** Calls the script, and waits for its end. */
  Ended call(List<String> arguments) throws Exception {
    return end(start(HOME.resolve("asyncio"), arguments));
  }

  /** Calls it by another name. */
  Ended call(Path script, List<String> arguments) throws Exception {
    return end(start(script, arguments));
  }

  Process start(Path script, List<String> arguments) throws Exception {
    var command = new ArrayList<>(List.of(script.toString()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    builder.environment().remove("ASYNCIO_CACHE");
    builder.environment().put("ASYNCIO_CLASS_PATH", classPath());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Waits for the end, closing stdin. What it prints has to fit into a pipe. */
  static Ended end(Process process) throws Exception {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(100, TimeUnit.SECONDS)) {
        throw new AssertionError("still running: " + process.info());
      }
      return new Ended(
          process.exitValue(),
          new String(process.getInputStream().readAllBytes(), UTF_8),
          new String(process.getErrorStream().readAllBytes(), UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String classPath() throws URISyntaxException {
    List<String> entries = new ArrayList<>();
    for (Class<?> type :
        List.of(Main.class, Asyncio.class, AsyncioPlugin.class, CommandLine.class)) {
      var location = type.getProtectionDomain().getCodeSource().getLocation();
      entries.add(Path.of(location.toURI()).toString());
    }
    return String.join(":", entries);
  }

  /** Puts a source file into the folder. */
  Path write(String name, String source) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, source);
  }
}

package dev.asyncio.cli;

import dev.asyncio.Asyncio;
import dev.asyncio.EngineKind;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.javac.AsyncioPlugin;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One run of a program: from its source file to its exit status. */
final class ProgramRun {
  private static final int FAILED = 1;
  private static final int CANNOT_RUN = 2;
  private static final int INTERRUPTED = 130; // as a shell reports a program that SIGINT ended

  private ProgramRun() {}

  /** Compiles the program where that is needed, runs it, and returns the exit status. */
  static int run(RunRequest request) {
    try {
      if (request.debug()) {
        System.setProperty("asyncio.debug", "true");
      }
      if (request.engine() != null) {
        System.setProperty(EngineKind.PROPERTY, request.engine().toString());
      }
      Program program = program(sourceFile(request.file()), request.cache());
      return program == null ? FAILED : run(program, request);
    } catch (CannotRun e) {
      System.err.println("asyncio: " + e.getMessage());
      return CANNOT_RUN;
    }
  }

  static CannotRun noMain(String file) {
    return new CannotRun(file + " has no main method; add: void main() { … }");
  }

  private static Path sourceFile(String name) throws CannotRun {
    Path file;
    try {
      file = Path.of(name);
    } catch (InvalidPathException e) { // the locale has no such characters
      throw new CannotRun("no such file: " + name + " (" + e.getReason() + ")");
    }
    if (!Files.exists(file)) {
      throw new CannotRun("no such file: " + name);
    }
    if (Files.isDirectory(file)) {
      throw new CannotRun(name + " is a directory; name the source file that has the main method");
    }
    if (!name.endsWith(".java")) {
      throw new CannotRun(name + " is not a Java source file: its name does not end in .java");
    }
    if (!Files.isReadable(file)) {
      throw new CannotRun(name + " cannot be read: permission denied");
    }
    return file;
  }

  private static @Nullable Program program(Path file, boolean keep) throws CannotRun {
    try {
      Path library = madeOf(Asyncio.class);
      ProgramCache cache =
          keep
              ? ProgramCache.ofUser(library, madeOf(AsyncioPlugin.class), madeOf(Main.class))
              : ProgramCache.none();
      Path source = file.toAbsolutePath();
      Program program = cache.find(source);
      if (program == null) {
        program = SourceCompiler.compile(library, file);
        if (program != null) {
          cache.store(source, program);
        }
      }
      if (program != null) {
        System.err.print(program.warnings());
      }
      return program;
    } catch (IOException e) {
      throw new CannotRun(file + " cannot be read: " + e.getMessage());
    } catch (URISyntaxException e) {
      throw new AssertionError("class path entries are files", e);
    }
  }

  /** The jar or the folder that a class comes from. */
  private static Path madeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static int run(Program program, RunRequest request) throws CannotRun {
    ClassLoader loader = program.load();
    Thread.currentThread().setContextClassLoader(loader);
    try {
      MainMethod main = MainMethod.find(program.topLevelClasses(), loader);
      if (main == null) {
        throw noMain(request.file());
      }
      main.call(request.arguments().toArray(new String[0]));
      return 0;
    } catch (CannotRun e) {
      throw e;
    } catch (KeyboardInterrupt e) {
      System.err.println("KeyboardInterrupt");
      return INTERRUPTED;
    } catch (SystemExit e) {
      if (e.getMessage() != null) {
        System.err.println(e.getMessage());
      }
      return e.code();
    } catch (Throwable e) {
      OwnFrames.removeFrom(e);
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      return FAILED;
    }
  }
}

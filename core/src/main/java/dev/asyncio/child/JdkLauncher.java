package dev.asyncio.child;

import dev.asyncio.SubprocessOptions;
import dev.asyncio.SubprocessOptions.FileRedirect;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts children by {@link ProcessBuilder}, where there is nothing better. A child costs a thread
 * that the JDK waits in, and one more for each pipe that is waited for.
 */
final class JdkLauncher implements Launcher {
  private static final Pattern ERROR = Pattern.compile("error[=:] ?(\\d+),? \\(?([^)]*)");

  @Override
  public Child start(Command command, LoopDoor door) throws IOException {
    SubprocessOptions options = command.options();
    var builder = new ProcessBuilder(command.words());
    builder.redirectInput(redirect(command, 0));
    builder.redirectOutput(redirect(command, 1));
    if (options.stderr() != SubprocessOptions.STDOUT) {
      builder.redirectError(redirect(command, 2));
    } else if (options.stdout() == SubprocessOptions.INHERIT) {
      // The JDK inherits a merged stream from our errors; we mean our output.
      builder.redirectErrorStream(false).redirectError(ourOutput());
    } else {
      builder.redirectErrorStream(true);
    }
    if (options.env() != null) {
      builder.environment().clear();
      builder.environment().putAll(options.env());
    }
    Path cwd = options.cwd();
    if (cwd != null) {
      builder.directory(cwd.toFile());
    }
    for (int fd = 0; fd <= 2; fd++) {
      if (command.redirect(fd) instanceof FileRedirect file) {
        checkFile(file.path(), fd == 0);
      }
    }
    try {
      return new JdkChild(builder.start(), command, door);
    } catch (IOException e) {
      throw translated(command, e);
    }
  }

  private static Redirect ourOutput() {
    File output = new File("/proc/self/fd/1");
    return output.exists() ? Redirect.appendTo(output) : Redirect.INHERIT;
  }

  private static Redirect redirect(Command command, int fd) {
    SubprocessOptions.Redirect wanted = command.redirect(fd);
    if (wanted == SubprocessOptions.PIPE) {
      return Redirect.PIPE;
    }
    if (wanted == SubprocessOptions.DEVNULL) {
      File nothing = new File(JdkChild.WINDOWS ? "NUL" : "/dev/null");
      return fd == 0 ? Redirect.from(nothing) : Redirect.to(nothing);
    }
    if (wanted instanceof FileRedirect(Path path, boolean append)) {
      File file = path.toFile();
      return fd == 0 ? Redirect.from(file) : append ? Redirect.appendTo(file) : Redirect.to(file);
    }
    return Redirect.INHERIT;
  }

  /** Tells of a bad file by its name; the JDK would speak of the program. */
  private static void checkFile(Path file, boolean toRead) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (toRead ? !Files.exists(file) : folder != null && !Files.isDirectory(folder)) {
      throw StartFailure.ofFile(file, 2, "No such file or directory (errno 2)");
    }
    if (toRead ? !Files.isReadable(file) : Files.exists(file) && !Files.isWritable(file)) {
      throw StartFailure.ofFile(file, 13, "Permission denied (errno 13)");
    }
  }

  private static IOException translated(Command command, IOException e) {
    Matcher error = ERROR.matcher(String.valueOf(e.getMessage()));
    if (!error.find()) {
      return e;
    }
    int errno = Integer.parseInt(error.group(1));
    IOException better = StartFailure.of(command, errno, error.group(2) + " (errno " + errno + ")");
    better.initCause(e);
    return better;
  }
}

package dev.asyncio.child;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is thrown where a child cannot be started: it names the program or the directory. */
final class StartFailure {
  private static final int EPERM = 1;
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int ENOTDIR = 20;

  private StartFailure() {}

  /**
   * For an error number of the system.
   *
   * @param text the system's words for it
   */
  static IOException of(Command command, int errno, String text) {
    Path cwd = command.options().cwd();
    if (cwd != null && errno != EPERM) {
      IOException wrongCwd = wrong(cwd);
      if (wrongCwd != null) {
        return wrongCwd;
      }
    }
    String program = command.program();
    String reason = "cannot start the program" + (cwd == null ? "" : " in " + cwd) + ": " + text;
    return switch (errno) {
      case ENOENT, ENOTDIR ->
          new NoSuchFileException(
              program,
              null,
              reason
                  + (program.indexOf('/') >= 0
                      ? "; there is no such file, or its interpreter is missing"
                      : "; it is in no directory of PATH: install it or give its path"));
      case EACCES, EPERM ->
          new AccessDeniedException(program, null, reason + "; it has to be an executable file");
      default -> new FileSystemException(program, null, reason);
    };
  }

  private static @Nullable IOException wrong(Path cwd) {
    String what = "cannot be the working directory of a child";
    if (!Files.exists(cwd)) {
      return new NoSuchFileException(cwd.toString(), null, what + ": No such file or directory");
    }
    if (!Files.isDirectory(cwd)) {
      return new NotDirectoryException(cwd.toString());
    }
    if (!Files.isExecutable(cwd)) {
      return new AccessDeniedException(cwd.toString(), null, what + ": Permission denied");
    }
    return null;
  }

  /** For a file that one of the child's streams was to be. */
  static IOException ofFile(Path file, int errno, String text) {
    String reason = "cannot be a stream of a child: " + text;
    return switch (errno) {
      case ENOENT, ENOTDIR -> new NoSuchFileException(file.toString(), null, reason);
      case EACCES, EPERM -> new AccessDeniedException(file.toString(), null, reason);
      default -> new FileSystemException(file.toString(), null, reason);
    };
  }
}

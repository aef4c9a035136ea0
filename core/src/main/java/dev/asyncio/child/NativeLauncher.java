package dev.asyncio.child;

import dev.asyncio.SubprocessOptions;
import dev.asyncio.SubprocessOptions.FileRedirect;
import dev.asyncio.linux.Availability;
import dev.asyncio.linux.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts children by {@code posix_spawn}, with pipes that do not block and a descriptor that tells
 * of the end. A child costs no thread.
 */
final class NativeLauncher implements Launcher {
  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";
  private static final int EACCES = 13;
  private static final int ENOENT = 2;

  private NativeLauncher() {}

  /** Why it cannot work here, or null if it can. Loads nothing that it need not. */
  static @Nullable String obstacle() {
    String obstacle = Availability.obstacle();
    return obstacle != null ? obstacle : Attempt.OBSTACLE;
  }

  /** What only trying can tell; tried once. */
  private static final class Attempt {
    static final @Nullable String OBSTACLE = attempt();

    private static @Nullable String attempt() {
      try {
        int pidfd = Spawning.pidfdOpen((int) ProcessHandle.current().pid());
        if (pidfd < 0) {
          return "the kernel has no pidfd_open, or does not allow it: " + Libc.text(-pidfd);
        }
        Libc.close(pidfd);
        return null;
      } catch (ExceptionInInitializerError e) {
        return "glibc is older than 2.34, or another C library is used: " + e.getCause();
      }
    }
  }

  static Launcher create() {
    return new NativeLauncher();
  }

  @Override
  public Child start(Command command, LoopDoor door) throws IOException {
    SubprocessOptions options = command.options();
    String path = find(command);
    Path cwd = options.cwd();
    int[] ours = {-1, -1, -1};
    int[] theirs = {-1, -1, -1};
    try {
      for (int fd = 0; fd <= 2; fd++) {
        prepare(command, fd, ours, theirs);
      }
      int pid =
          Spawning.spawn(
              path,
              command.words(),
              environment(options.env()),
              theirs,
              cwd == null ? null : cwd.toString());
      if (pid < 0) {
        throw StartFailure.of(command, -pid, Libc.text(-pid));
      }
      NativeChild child = NativeChild.of(pid, ours, door);
      Arrays.fill(ours, -1); // the child's from now on
      return child;
    } finally {
      close(ours);
      close(theirs);
    }
  }

  private static void close(int[] descriptors) {
    for (int i = 0; i < descriptors.length; i++) {
      // What was opened for a child is above our own streams; merged errors have no descriptor.
      if (descriptors[i] > 2 && (i < 2 || descriptors[2] != descriptors[1])) {
        Libc.close(descriptors[i]);
      }
    }
  }

  private static void prepare(Command command, int fd, int[] ours, int[] theirs)
      throws IOException {
    SubprocessOptions.Redirect redirect = command.redirect(fd);
    if (redirect == SubprocessOptions.PIPE) {
      int[] ends = new int[2];
      check(command, Libc.pipe(ends));
      theirs[fd] = ends[fd == 0 ? 0 : 1];
      ours[fd] = ends[fd == 0 ? 1 : 0];
      check(command, Math.min(ends[0], ends[1]));
      check(command, Libc.setNonBlocking(ours[fd]));
    } else if (redirect == SubprocessOptions.DEVNULL) {
      theirs[fd] = check(command, Libc.open("/dev/null", Libc.O_RDWR));
    } else if (redirect == SubprocessOptions.STDOUT) {
      theirs[fd] = theirs[1] >= 0 ? theirs[1] : 1;
    } else if (redirect instanceof FileRedirect file) {
      int flags =
          fd == 0
              ? Libc.O_RDONLY
              : Libc.O_WRONLY | Libc.O_CREAT | (file.append() ? Libc.O_APPEND : Libc.O_TRUNC);
      theirs[fd] = Libc.open(file.path().toString(), flags);
      if (theirs[fd] < 0) {
        throw StartFailure.ofFile(file.path(), -theirs[fd], Libc.text(-theirs[fd]));
      }
    }
  }

  private static int check(Command command, int result) throws IOException {
    if (result < 0) {
      throw StartFailure.of(command, -result, Libc.text(-result));
    }
    return result;
  }

  private static @Nullable List<String> environment(@Nullable Map<String, String> variables) {
    if (variables == null) {
      return null;
    }
    List<String> entries = new ArrayList<>(variables.size());
    variables.forEach((name, value) -> entries.add(name + "=" + value));
    return entries;
  }

  /** As Python does it: a name without a slash is looked for in the PATH that the child gets. */
  private static String find(Command command) throws IOException {
    String program = command.program();
    if (program.indexOf('/') >= 0) {
      return program;
    }
    Map<String, String> env = command.options().env();
    String folders = (env != null ? env : System.getenv()).getOrDefault("PATH", DEFAULT_PATH);
    Path cwd = command.options().cwd();
    boolean forbidden = false;
    for (String folder : folders.split(":", -1)) {
      String candidate = (folder.isEmpty() ? "." : folder) + "/" + program;
      Path seen = cwd == null ? Path.of(candidate) : cwd.resolve(candidate);
      if (Files.isRegularFile(seen)) {
        if (Files.isExecutable(seen)) {
          return candidate;
        }
        forbidden = true;
      }
    }
    int errno = forbidden ? EACCES : ENOENT;
    throw StartFailure.of(command, errno, Libc.text(errno));
  }
}

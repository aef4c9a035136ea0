package dev.asyncio;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a child process is started: the keyword arguments of {@code createSubprocessExec} and {@code
 * createSubprocessShell}.
 *
 * {@snippet :
 * SubprocessOptions.defaults().stdout(PIPE).stderr(STDOUT).cwd(Path.of("/tmp"))
 * }
 *
 * <p>Streams carry bytes; there is no text mode.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.create_subprocess_exec}.
 *
 * @param stdin where the child reads
 * @param stdout where its output goes
 * @param stderr where its errors go
 * @param limit of the readers of its output, in bytes; see {@link StreamOptions#limit}
 * @param cwd the directory it runs in, or {@code null} for ours
 * @param env all of its environment, or {@code null} for ours
 */
public record SubprocessOptions(
    Redirect stdin,
    Redirect stdout,
    Redirect stderr,
    int limit,
    @Nullable Path cwd,
    @Nullable Map<String, String> env) {

  /** Where one of a child's streams leads. */
  public sealed interface Redirect {}

  private enum Standard implements Redirect {
    INHERIT,
    PIPE,
    STDOUT,
    DEVNULL
  }

  /**
   * A file as one of a child's streams; {@link SubprocessOptions#file} makes one.
   *
   * @param path of a file, relative to our own directory
   * @param append whether output goes behind what the file has; else it replaces it
   */
  public record FileRedirect(Path path, boolean append) implements Redirect {
    /** Checks that there is a path. */
    public FileRedirect {
      Objects.requireNonNull(path, "path");
    }
  }

  /** The stream is the same as ours. */
  public static final Redirect INHERIT = Standard.INHERIT;

  /** A pipe leads between the child and us. */
  public static final Redirect PIPE = Standard.PIPE;

  /** For the errors: they go where the output goes. */
  public static final Redirect STDOUT = Standard.STDOUT;

  /** Empty input, or output that nobody wants. */
  public static final Redirect DEVNULL = Standard.DEVNULL;

  private static final int DEFAULT_LIMIT = 64 * 1024;
  private static final SubprocessOptions DEFAULTS =
      new SubprocessOptions(INHERIT, INHERIT, INHERIT, DEFAULT_LIMIT, null, null);

  /**
   * Checks what cannot be.
   *
   * @throws IllegalArgumentException if {@link #STDOUT} is given for another stream than the
   *     errors, or the limit is not positive
   */
  public SubprocessOptions {
    Objects.requireNonNull(stdin, "stdin");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    if (stdin == STDOUT || stdout == STDOUT) {
      throw new IllegalArgumentException(
          "STDOUT can only be used for stderr; give PIPE, DEVNULL, INHERIT or a file");
    }
    if (limit <= 0) {
      throw new IllegalArgumentException("Limit cannot be <= 0, got " + limit);
    }
    env = env == null ? null : Map.copyOf(env);
  }

  /** Our own streams, directory and environment. */
  public static SubprocessOptions defaults() {
    return DEFAULTS;
  }

  /** Three pipes, which is what {@code loop.subprocess_exec} of CPython begins with. */
  public static SubprocessOptions pipes() {
    return DEFAULTS.stdin(PIPE).stdout(PIPE).stderr(PIPE);
  }

  /** A file to read, or one to write that is emptied first and made if there is none. */
  public static Redirect file(Path path) {
    return new FileRedirect(path, false);
  }

  /** A file to write behind what it has. */
  public static Redirect appendTo(Path path) {
    return new FileRedirect(path, true);
  }

  /** The same with another source of the child's input. */
  public SubprocessOptions stdin(Redirect value) {
    return new SubprocessOptions(value, stdout, stderr, limit, cwd, env);
  }

  /** The same with another goal of the child's output. */
  public SubprocessOptions stdout(Redirect value) {
    return new SubprocessOptions(stdin, value, stderr, limit, cwd, env);
  }

  /** The same with another goal of the child's errors. */
  public SubprocessOptions stderr(Redirect value) {
    return new SubprocessOptions(stdin, stdout, value, limit, cwd, env);
  }

  /** The same with another limit for the readers. */
  public SubprocessOptions limit(int value) {
    return new SubprocessOptions(stdin, stdout, stderr, value, cwd, env);
  }

  /** The same in another directory. */
  public SubprocessOptions cwd(Path value) {
    return new SubprocessOptions(stdin, stdout, stderr, limit, value, env);
  }

  /** The same with exactly these environment variables; the program is looked for in its PATH. */
  public SubprocessOptions env(Map<String, String> value) {
    return new SubprocessOptions(stdin, stdout, stderr, limit, cwd, value);
  }
}

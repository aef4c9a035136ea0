package dev.asyncio.transport;

import org.jspecify.annotations.Nullable;

/**
 * A child process and the pipes to it.
 *
 * <p>{@link #close()} kills a child that still runs and closes the pipes; so does closing the loop.
 *
 * <p><b>Errors:</b> signalling a child that is gone, with its pipes closed, throws {@code
 * ProcessLookupException}. While it has ended but the protocol has not heard of it yet, a signal
 * does nothing.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.SubprocessTransport}.
 */
public interface SubprocessTransport extends BaseTransport {
  /** The child's process id. */
  long getPid();

  /** The exit status, {@code -N} if signal N ended it, or {@code null} while it runs. */
  @Nullable Integer getReturnCode();

  /**
   * The transport of a pipe.
   *
   * @param fd 0 for the child's standard input (a {@link WriteTransport}), 1 for its output, 2 for
   *     its errors ({@link ReadTransport})
   * @return {@code null} if that stream is no pipe
   */
  @Nullable BaseTransport getPipeTransport(int fd);

  /**
   * Sends a signal.
   *
   * @param signal its number, such as 15 for SIGTERM
   */
  void sendSignal(int signal);

  /** Asks the child to end: SIGTERM. */
  void terminate();

  /** Ends the child at once: SIGKILL. */
  void kill();
}

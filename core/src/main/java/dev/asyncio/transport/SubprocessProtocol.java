package dev.asyncio.transport;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What hears of a child process: {@code connectionMade} with a {@link SubprocessTransport}, then
 * what comes through the pipes and the child's end, in whatever order these happen, at last {@code
 * connectionLost} when the child has ended and all pipes are closed.
 *
 * <p>{@code pauseWriting} and {@code resumeWriting} speak of the pipe to the child's input.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.SubprocessProtocol}.
 */
public interface SubprocessProtocol extends BaseProtocol {
  /**
   * The child wrote something.
   *
   * @param fd 1 for its output, 2 for its errors
   * @param data at least one byte; it may be kept
   */
  default void pipeDataReceived(int fd, ByteBuffer data) {}

  /**
   * A pipe was closed, by either side.
   *
   * @param fd 0, 1 or 2
   * @param exc what broke it, or {@code null}
   */
  default void pipeConnectionLost(int fd, @Nullable Throwable exc) {}

  /** The child has ended; its pipes may still hold data, or be held open by its own children. */
  default void processExited() {}
}

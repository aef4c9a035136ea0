package dev.asyncio.transport;

import org.jspecify.annotations.Nullable;

/**
 * The events that every protocol hears of. A protocol is an ordinary object made by the user's
 * factory, one for each connection; its methods are called by the loop and must not block.
 *
 * <p><b>Order:</b> {@code connectionMade} first, {@code connectionLost} last, each exactly once;
 * {@code pauseWriting} and {@code resumeWriting} alternate in between.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.BaseProtocol}.
 */
public interface BaseProtocol {
  /**
   * The connection is there. No data is delivered before this returns.
   *
   * @param transport to be kept by the protocol; a {@link Transport} for stream sockets
   */
  default void connectionMade(BaseTransport transport) {}

  /**
   * The connection is gone, and nothing else will be called.
   *
   * @param exc what broke it, or {@code null} after an orderly end or {@code abort}
   */
  default void connectionLost(@Nullable Throwable exc) {}

  /** The transport's write buffer has grown above its high mark: stop writing. */
  default void pauseWriting() {}

  /** The transport's write buffer has shrunk to its low mark: writing may go on. */
  default void resumeWriting() {}
}

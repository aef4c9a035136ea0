package dev.asyncio.transport;

import java.nio.ByteBuffer;

/**
 * A protocol over a stream of bytes: {@code connectionMade}, any number of {@code dataReceived}, at
 * most one {@code eofReceived}, {@code connectionLost}.
 *
 * <p>An exception from {@code dataReceived} or {@code eofReceived} is reported to the loop's
 * exception handler and aborts the connection.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.Protocol}.
 */
public interface Protocol extends BaseProtocol {
  /**
   * Some bytes arrived: those between the buffer's position and its limit, at least one, in the
   * order sent and cut anywhere.
   *
   * <p>The buffer is <em>only valid during this call</em>: it is shared by all connections of the
   * loop and overwritten by the next read. Copy what is needed later. Handing it on to {@link
   * WriteTransport#write} at once is fine, since that copies what it cannot send.
   */
  default void dataReceived(ByteBuffer data) {}

  /**
   * The peer will send no more.
   *
   * @return {@code true} to keep the sending half open, {@code false} to let the transport close
   *     itself after what is buffered
   */
  default boolean eofReceived() {
    return false;
  }
}

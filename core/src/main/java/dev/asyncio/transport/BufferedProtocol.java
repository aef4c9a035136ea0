package dev.asyncio.transport;

import java.nio.ByteBuffer;

/**
 * A stream protocol that says where incoming bytes shall be put, which saves a copy: {@code
 * connectionMade}, any number of {@code getBuffer} each followed by at most one {@code
 * bufferUpdated}, at most one {@code eofReceived}, {@code connectionLost}.
 *
 * <p>An exception from any of the three is reported to the loop's exception handler and aborts the
 * connection.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.BufferedProtocol}.
 */
public interface BufferedProtocol extends BaseProtocol {
  /**
   * A buffer to receive into, between its position and its limit. Direct buffers are filled without
   * a copy. An empty buffer is an error and ends the connection, unless this is a {@link Protocol}
   * too: then its {@code dataReceived} gets these bytes.
   *
   * @param sizeHint a good size, or -1 when any will do
   */
  ByteBuffer getBuffer(int sizeHint);

  /**
   * The buffer given last was filled from its position on; its position was moved behind the new
   * bytes.
   *
   * @param count number of bytes received, at least one
   */
  default void bufferUpdated(int count) {}

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

package dev.asyncio.transport;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A transport of datagrams, such as a UDP socket.
 *
 * <p>Closing sends what is buffered first, as everywhere.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.DatagramTransport}.
 */
public interface DatagramTransport extends BaseTransport {
  /** Sends one datagram to the remote address that the endpoint was made with. */
  default void sendto(ByteBuffer data) {
    sendto(data, null);
  }

  /**
   * Sends the bytes between the buffer's position and its limit as one datagram, and moves the
   * position to the limit. No bytes are a datagram too, of length zero.
   *
   * <p>Never blocks: the system is asked to take the datagram now; if it does not, a copy is
   * buffered, behind those that wait already. A datagram that the system refuses is lost, and
   * {@link DatagramProtocol#errorReceived} is told why.
   *
   * <p>On an endpoint that is gone the datagram is dropped, and from the fifth time on a warning is
   * logged.
   *
   * @param addr whom to; {@code null} for the remote address that the endpoint was made with
   * @throws IllegalArgumentException if the endpoint has a remote address and this is another one,
   *     if neither is there, or if it is unresolved or of another family than the socket
   */
  void sendto(ByteBuffer data, @Nullable SocketAddress addr);

  /** Ends at once: drops what is buffered, and calls {@code connectionLost(null)} soon. */
  void abort();

  /** What waits in this transport to be sent, in bytes, with 8 more for each datagram. */
  long getWriteBufferSize();

  /** The marks between which the protocol is paused and resumed. */
  WriteBufferLimits getWriteBufferLimits();

  /** Sets both marks; see {@link WriteTransport#setWriteBufferLimits(WriteBufferLimits)}. */
  void setWriteBufferLimits(WriteBufferLimits limits);
}

package dev.asyncio.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A protocol over datagrams: {@code connectionMade}, any number of {@code datagramReceived} and
 * {@code errorReceived}, {@code connectionLost}.
 *
 * <p>An exception from {@code datagramReceived} or {@code errorReceived} is reported to the loop's
 * exception handler; the endpoint stays open.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.DatagramProtocol}.
 */
public interface DatagramProtocol extends BaseProtocol {
  /**
   * A datagram arrived: the bytes between the buffer's position and its limit, which may be none.
   *
   * <p>The buffer is <em>only valid during this call</em>: it is shared by all transports of the
   * loop and overwritten by the next read. Copy what is needed later. Handing it on to {@link
   * DatagramTransport#sendto} at once is fine, since that copies what it cannot send.
   *
   * @param addr who sent it
   */
  default void datagramReceived(ByteBuffer data, SocketAddress addr) {}

  /**
   * Sending or receiving failed; the endpoint stays open. On an endpoint with a remote address this
   * is how one learns that nobody listens there: {@link java.net.PortUnreachableException}.
   */
  default void errorReceived(IOException exc) {}
}

package dev.asyncio;

import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.util.Collection;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The part of a loop that makes transports: connections, servers, datagrams, pipes.
 *
 * <p>A loop without a network leaves the methods as they are here; they say so with an {@link
 * UnsupportedOperationException} when they are called.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.AbstractEventLoop}.
 */
public interface Networking {

  /**
   * Connects to a TCP server and ties a protocol to the connection.
   *
   * <p><b>Order and cost:</b> connects first, then calls the factory, then {@code connectionMade},
   * then ends. Look-up of names never blocks the loop; a numeric host skips it.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} when no address can be connected to.
   *
   * @param host a name or an address; null for this machine, or where {@code options} has a socket
   * @param port 0 where {@code options} has a socket
   * @return the transport and the protocol
   */
  default <P extends BaseProtocol> Coroutine<Connected<Transport, P>> createConnection(
      Supplier<P> protocolFactory, @Nullable String host, int port, ConnectOptions options) {
    throw Missing.of(this, "createConnection()");
  }

  /**
   * Listens for TCP connections and ties a protocol of its own to each.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the address that cannot be bound.
   *
   * @param hosts names or addresses; none for all interfaces
   * @param port 0 for one that is free
   */
  default Coroutine<Server> createServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      Collection<String> hosts,
      int port,
      ServerOptions options) {
    throw Missing.of(this, "createServer()");
  }

  // --- TLS

  /**
   * Puts TLS between a transport that is in use and its protocol, and does the handshake. From then
   * on the protocol uses the transport that this gives.
   *
   * <p>This end is a client, which verifies that the server is {@code options.serverHostname()},
   * unless {@code options.serverSide()}.
   *
   * <p><b>Cancellation:</b> aborts the connection.
   *
   * <p><b>Errors:</b> {@link javax.net.ssl.SSLException} of a handshake that fails, {@link
   * java.net.SocketException} of one that takes too long or is broken off, after which the
   * connection is gone and the protocol has heard so; {@link IllegalArgumentException} if the
   * transport cannot drive a stream protocol, or a client names no server.
   *
   * @return the transport to use from now on
   */
  default Coroutine<Transport> startTls(
      Transport transport, BaseProtocol protocol, SSLContext sslcontext, TlsOptions options) {
    throw Missing.of(this, "startTls()");
  }
}

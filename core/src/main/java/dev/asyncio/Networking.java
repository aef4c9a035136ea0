package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
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
@CheckReturnValue
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

  /** As {@link #connectAcceptedSocket(Supplier, SocketChannel, TlsOptions)}, without TLS. */
  default <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connectAcceptedSocket(
      Supplier<P> protocolFactory, SocketChannel sock) {
    return connectAcceptedSocket(protocolFactory, sock, null);
  }

  /**
   * Ties a protocol to a connection that was accepted elsewhere, which the transport then owns.
   *
   * <p><b>Order and cost:</b> calls the factory, then {@code connectionMade}, after the handshake
   * if there is one, then ends.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link IllegalArgumentException} if {@code sock} is not connected; as {@link
   * #startTls} of a handshake that fails.
   *
   * @param ssl how to speak TLS, as the server, with a context that has its key; null not to
   * @return the transport and the protocol
   */
  default <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connectAcceptedSocket(
      Supplier<P> protocolFactory, SocketChannel sock, @Nullable TlsOptions ssl) {
    throw Missing.of(this, "connectAcceptedSocket()");
  }

  // ---- files

  /** As {@link #sendfile(WriteTransport, FileChannel, SendfileOptions)}, for the whole file. */
  default Coroutine<Long> sendfile(WriteTransport transport, FileChannel file) {
    return sendfile(transport, file, SendfileOptions.defaults());
  }

  /**
   * Sends a part of a file over a transport, after what is buffered there. Over a plain socket the
   * system moves it by itself; over others it is read in the executor and written.
   *
   * <p>Until it ends nothing is read, and over a plain socket writing is refused.
   *
   * <p><b>Cancellation:</b> leaves a part of it sent; the file's position is behind that, as it is
   * in the end.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} if the connection is lost, or from the file;
   * {@link SendfileNotAvailableException} if the system cannot move this file and {@code fallback}
   * is off; {@link IllegalStateException} if the transport is closing, or not able to do this.
   *
   * @return how many bytes were sent
   */
  default Coroutine<Long> sendfile(
      WriteTransport transport, FileChannel file, SendfileOptions options) {
    throw Missing.of(this, "sendfile()");
  }

  // ---- names

  /** As {@link #getAddrInfo(String, int, StandardProtocolFamily)}, for any family. */
  default Coroutine<List<InetSocketAddress>> getAddrInfo(@Nullable String host, int port) {
    return getAddrInfo(host, port, null);
  }

  /**
   * Looks a host up in the default executor, so that the loop goes on meanwhile.
   *
   * <p><b>Errors:</b> {@link java.net.UnknownHostException}.
   *
   * @param host a name or an address; null for this machine
   * @param family the only one wanted, or null
   * @return its addresses, in the order to try them
   */
  default Coroutine<List<InetSocketAddress>> getAddrInfo(
      @Nullable String host, int port, @Nullable StandardProtocolFamily family) {
    throw Missing.of(this, "getAddrInfo()");
  }

  /**
   * Looks up which name an address has, in the default executor; the address as text if it has
   * none.
   */
  default Coroutine<NameInfo> getNameInfo(InetSocketAddress sockaddr) {
    throw Missing.of(this, "getNameInfo()");
  }

  /**
   * What an address is called.
   *
   * @param host the name of the machine, or the address
   * @param service the port as a number; differs: the JDK does not know the names of services
   */
  record NameInfo(String host, String service) {}

  // ---- Unix sockets

  /**
   * Connects to a Unix-domain stream socket and ties a protocol to the connection.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the path; {@link IllegalArgumentException}
   * unless exactly one of path and {@link ConnectOptions#sock} is given, or for an option that such
   * sockets do not have.
   *
   * @param path the server's socket file; null where {@code options} has a socket
   * @return the transport and the protocol
   */
  default <P extends BaseProtocol> Coroutine<Connected<Transport, P>> createUnixConnection(
      Supplier<P> protocolFactory, @Nullable Path path, ConnectOptions options) {
    throw Missing.of(this, "createUnixConnection()");
  }

  /**
   * Listens on a Unix-domain socket and ties a protocol of its own to each connection. A socket
   * file that is there already is removed first, whether somebody listens on it or not.
   *
   * <p><b>Errors:</b> {@link java.net.BindException} if the path is in use by another kind of file;
   * {@link IllegalArgumentException} unless exactly one of path and {@link ServerOptions#sock} is
   * given, or for an option that such sockets do not have.
   *
   * @param path the socket file to make; null where {@code options} has a socket
   */
  default Coroutine<Server> createUnixServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      @Nullable Path path,
      ServerOptions options) {
    throw Missing.of(this, "createUnixServer()");
  }

  // ---- datagrams and pipes

  /**
   * Opens a UDP socket and ties a protocol to it.
   *
   * <p><b>Order:</b> binds, connects, calls the factory, then {@code connectionMade}, then ends.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the address that cannot be bound; {@link
   * IllegalArgumentException} for contradictory options.
   *
   * @return the transport and the protocol
   */
  default <P extends DatagramProtocol>
      Coroutine<Connected<DatagramTransport, P>> createDatagramEndpoint(
          Supplier<P> protocolFactory, DatagramOptions options) {
    throw Missing.of(this, "createDatagramEndpoint()");
  }

  /**
   * Reads from a pipe through a protocol; the pipe then belongs to the transport.
   *
   * <p><b>Cancellation:</b> the pipe is closed.
   *
   * <p><b>Errors:</b> {@link IllegalArgumentException} for a channel that no selector can watch,
   * such as a file.
   *
   * @param pipe a {@link java.nio.channels.Pipe.SourceChannel} or a stream socket
   * @return the transport and the protocol
   */
  default <P extends BaseProtocol> Coroutine<Connected<ReadTransport, P>> connectReadPipe(
      Supplier<P> protocolFactory, ReadableByteChannel pipe) {
    throw Missing.of(this, "connectReadPipe()");
  }

  /**
   * Writes to a pipe through a transport, which then owns the pipe; the protocol hears of flow
   * control and of the end.
   *
   * <p>That the reader is gone is noticed at once on a socket, and on a {@link
   * java.nio.channels.Pipe.SinkChannel} when there is something to write.
   *
   * <p><b>Cancellation:</b> the pipe is closed.
   *
   * <p><b>Errors:</b> {@link IllegalArgumentException} for a channel that no selector can watch,
   * such as a file.
   *
   * @param pipe a {@link java.nio.channels.Pipe.SinkChannel} or a stream socket
   * @return the transport and the protocol
   */
  default <P extends BaseProtocol> Coroutine<Connected<WriteTransport, P>> connectWritePipe(
      Supplier<P> protocolFactory, WritableByteChannel pipe) {
    throw Missing.of(this, "connectWritePipe()");
  }

  // ---- TLS

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

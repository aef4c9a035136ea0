package dev.asyncio.stream;

import dev.asyncio.Asyncio;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Future;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.net.Loopback;
import dev.asyncio.net.RawPeer;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.util.List;

/** A stream at the tested end, a raw peer at the other. */
final class StreamLink implements AutoCloseable {
  private final Server server;
  private final RawPeer peer;
  private final Future<Connection> accepted;

  private StreamLink(Server server, RawPeer peer, Future<Connection> accepted) {
    this.server = server;
    this.peer = peer;
    this.accepted = accepted;
  }

  /** A connection whose streams the test uses itself. */
  static StreamLink of() throws IOException {
    return of(StreamReader.DEFAULT_LIMIT);
  }

  /** The same with a limit of the reader's buffer. */
  static StreamLink of(int limit) throws IOException {
    Future<Connection> accepted = Asyncio.runningLoop().createFuture();
    StreamLink link =
        open(
            (reader, writer) -> accepted.setResult(new Connection(reader, writer)),
            accepted,
            limit);
    accepted.await();
    return link;
  }

  /** A connection that a handler takes care of. */
  static StreamLink handledBy(ClientConnected handler) throws IOException {
    return open(handler, Asyncio.runningLoop().createFuture(), StreamReader.DEFAULT_LIMIT);
  }

  private static StreamLink open(ClientConnected handler, Future<Connection> accepted, int limit)
      throws IOException {
    Server server =
        Streams.startServer(
                Asyncio.runningLoop(),
                handler,
                List.of(Loopback.HOST),
                0,
                ServerOptions.defaults(),
                StreamOptions.defaults().limit(limit))
            .await();
    return new StreamLink(server, RawPeer.connectTo(server), accepted);
  }

  /** A client's stream to a port of this machine. */
  static Connection connectTo(int port) {
    return Streams.openConnection(
            Asyncio.runningLoop(),
            Loopback.HOST,
            port,
            ConnectOptions.defaults(),
            StreamOptions.defaults())
        .await();
  }

  StreamReader reader() {
    return accepted.result().reader();
  }

  StreamWriter writer() {
    return accepted.result().writer();
  }

  Transport transport() {
    return (Transport) writer().transport();
  }

  RawPeer peer() {
    return peer;
  }

  @Override
  public void close() throws IOException {
    peer.close();
    server.close();
    server.abortClients();
    server.waitClosed().await();
  }
}

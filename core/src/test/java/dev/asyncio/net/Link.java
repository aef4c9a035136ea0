package dev.asyncio.net;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/**
 * A connection of the loop's under test to a raw peer: a server, the protocol that it made for the
 * peer, and the peer.
 */
public final class Link<P extends BaseProtocol> implements AutoCloseable {
  private final Server server;
  private final RawPeer peer;
  private final P protocol;

  private Link(Server server, RawPeer peer, P protocol) {
    this.server = server;
    this.peer = peer;
    this.protocol = protocol;
  }

  /** Connects a raw peer, and returns when the protocol was made. */
  public static <P extends BaseProtocol> Link<P> of(Supplier<P> factory) throws IOException {
    var made = Asyncio.runningLoop().<P>createFuture();
    Server server =
        Asyncio.runningLoop()
            .createServer(
                () -> {
                  P protocol = factory.get();
                  made.setResult(protocol);
                  return protocol;
                },
                List.of(Loopback.HOST),
                0,
                ServerOptions.defaults())
            .await();
    RawPeer peer = RawPeer.connectTo(server);
    P protocol = made.await();
    Loopback.ticks(2); // connectionMade is behind us
    return new Link<>(server, peer, protocol);
  }

  /** The raw end. */
  public RawPeer peer() {
    return peer;
  }

  /** The protocol at the tested end. */
  public P protocol() {
    return protocol;
  }

  /** The server; it has this one connection. */
  public Server server() {
    return server;
  }

  /** Closes all, and waits until the tested end is gone. */
  @Override
  public void close() throws IOException {
    peer.close();
    server.close();
    server.abortClients();
    server.waitClosed().await();
  }
}

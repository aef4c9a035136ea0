package dev.asyncio;

import dev.asyncio.transport.TransportSocket;
import java.util.List;

/**
 * Listening sockets and the connections that came in through them. Made by {@code createServer} and
 * {@code startServer} only.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.Server}.
 */
public abstract class Server implements AbstractServer {
  /** For the loops' own kinds of server. */
  protected Server() {}

  /**
   * Views of the listening sockets, empty once the server is closed. With port 0 this is where to
   * find the port that was picked.
   */
  public abstract List<TransportSocket> sockets();

  /**
   * A scope for this server: leaving it closes the server and waits, as {@code close()} followed by
   * {@link #waitClosed()}.
   *
   * {@snippet :
   * try (var serving = server.serving()) {
   *   server.serveForever().await();
   * }
   * }
   */
  public final Serving serving() {
    return new Serving(this);
  }

  /** The scope that {@link Server#serving()} opens. */
  public static final class Serving implements AutoCloseable {
    private final Server server;

    private Serving(Server server) {
      this.server = server;
    }

    /** The server. */
    public Server server() {
      return server;
    }

    /** Closes the server and suspends until its last connection is gone. */
    @Override
    public void close() {
      server.close();
      server.waitClosed().await();
    }
  }
}

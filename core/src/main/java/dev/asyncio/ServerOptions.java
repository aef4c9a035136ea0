package dev.asyncio;

import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * How to listen: the keyword arguments of {@code createServer} and {@code startServer}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code loop.create_server}.
 *
 * @param family the only address family to listen on, or {@code null} for any
 * @param sock a bound channel to listen on instead of host and port, or {@code null}
 * @param backlog how many connections the system may hold ready for us
 * @param reuseAddress whether an address that was in use a moment ago may be taken again
 * @param reusePort whether several sockets may share the port
 * @param keepAlive whether accepted connections are probed while they are idle
 * @param startServing whether to accept at once
 * @param cleanupSocket whether the file of a Unix socket is removed when the server closes
 */
public record ServerOptions(
    @Nullable StandardProtocolFamily family,
    @Nullable ServerSocketChannel sock,
    int backlog,
    boolean reuseAddress,
    boolean reusePort,
    boolean keepAlive,
    boolean startServing,
    boolean cleanupSocket) {
  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  private static final ServerOptions DEFAULTS =
      new ServerOptions(null, null, 100, !WINDOWS, false, false, true, true);

  /**
   * Checks the backlog.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public ServerOptions {
    if (backlog <= 0) {
      throw new IllegalArgumentException("backlog must be positive, got " + backlog);
    }
  }

  /** A backlog of 100, addresses reused except on Windows, accepting at once, leaving no file. */
  public static ServerOptions defaults() {
    return DEFAULTS;
  }

  /** Restricts listening to IPv4 or IPv6; {@code null} lifts it. */
  public ServerOptions family(@Nullable StandardProtocolFamily family) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /** Listens on a channel that is bound already, and takes ownership; excludes host and port. */
  public ServerOptions sock(@Nullable ServerSocketChannel sock) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /** How many connections the system may hold ready, and the most accepted in one go. */
  public ServerOptions backlog(int backlog) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /** Whether to take an address whose old connections still linger. */
  public ServerOptions reuseAddress(boolean reuseAddress) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /** Whether several sockets, of several processes too, may listen on the port. */
  public ServerOptions reusePort(boolean reusePort) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /** Whether accepted connections are probed while idle, so that half-open ones are noticed. */
  public ServerOptions keepAlive(boolean keepAlive) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /**
   * Whether to accept at once. Otherwise {@link Server#startServing()} begins; until then the
   * system already completes handshakes, up to the backlog, but nothing is accepted.
   *
   * <p>Differs: CPython does not listen before, so that clients are refused; the JDK binds and
   * listens in one step.
   */
  public ServerOptions startServing(boolean startServing) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }

  /**
   * Whether the file of a Unix socket is removed when the server closes, if it still is the same
   * file. Means nothing to other sockets.
   */
  public ServerOptions cleanupSocket(boolean cleanupSocket) {
    return new ServerOptions(
        family, sock, backlog, reuseAddress, reusePort, keepAlive, startServing, cleanupSocket);
  }
}

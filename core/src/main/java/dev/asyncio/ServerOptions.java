package dev.asyncio;

import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLContext;
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
 * @param ssl how to speak TLS with accepted connections, or {@code null} not to
 */
public record ServerOptions(
    @Nullable StandardProtocolFamily family,
    @Nullable ServerSocketChannel sock,
    int backlog,
    boolean reuseAddress,
    boolean reusePort,
    boolean keepAlive,
    boolean startServing,
    boolean cleanupSocket,
    @Nullable TlsOptions ssl) {
  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  private static final ServerOptions DEFAULTS =
      new ServerOptions(null, null, 100, !WINDOWS, false, false, true, true, null);

  /**
   * Checks the backlog, and that there is a key for TLS.
   *
   * @throws IllegalArgumentException if the backlog is not positive, or {@code ssl} has no context
   */
  public ServerOptions {
    if (backlog <= 0) {
      throw new IllegalArgumentException("backlog must be positive, got " + backlog);
    }
    if (ssl != null && ssl.context() == null) {
      throw new IllegalArgumentException(
          "ssl argument must be an SSLContext or None: a server needs a key, pass tls(context)");
    }
  }

  /** A backlog of 100, addresses reused except on Windows, accepting at once, leaving no file. */
  public static ServerOptions defaults() {
    return DEFAULTS;
  }

  /** Restricts listening to IPv4 or IPv6; {@code null} lifts it. */
  public ServerOptions family(@Nullable StandardProtocolFamily family) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /** Listens on a channel that is bound already, and takes ownership; excludes host and port. */
  public ServerOptions sock(@Nullable ServerSocketChannel sock) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /** How many connections the system may hold ready, and the most accepted in one go. */
  public ServerOptions backlog(int backlog) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /** Whether to take an address whose old connections still linger. */
  public ServerOptions reuseAddress(boolean reuseAddress) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /** Whether several sockets, of several processes too, may listen on the port. */
  public ServerOptions reusePort(boolean reusePort) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /** Whether accepted connections are probed while idle, so that half-open ones are noticed. */
  public ServerOptions keepAlive(boolean keepAlive) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
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
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /**
   * Whether the file of a Unix socket is removed when the server closes, if it still is the same
   * file. Means nothing to other sockets.
   */
  public ServerOptions cleanupSocket(boolean cleanupSocket) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  // --- TLS

  /** Speaks TLS with accepted connections; {@code ssl} needs a context, with the server's key. */
  public ServerOptions ssl(@Nullable TlsOptions ssl) {
    return new ServerOptions(
        family,
        sock,
        backlog,
        reuseAddress,
        reusePort,
        keepAlive,
        startServing,
        cleanupSocket,
        ssl);
  }

  /** Speaks TLS with accepted connections, with the keys of a context. */
  public ServerOptions ssl(SSLContext context) {
    return ssl(TlsOptions.defaults().context(context));
  }

  /**
   * As {@link TlsOptions#handshakeTimeout(Duration)}.
   *
   * @throws IllegalArgumentException without {@link #ssl(TlsOptions)} before
   */
  public ServerOptions sslHandshakeTimeout(Duration limit) {
    return ssl(TlsOptions.needed(ssl, "ssl_handshake_timeout").handshakeTimeout(limit));
  }

  /**
   * As {@link TlsOptions#shutdownTimeout(Duration)}.
   *
   * @throws IllegalArgumentException without {@link #ssl(TlsOptions)} before
   */
  public ServerOptions sslShutdownTimeout(Duration limit) {
    return ssl(TlsOptions.needed(ssl, "ssl_shutdown_timeout").shutdownTimeout(limit));
  }
}

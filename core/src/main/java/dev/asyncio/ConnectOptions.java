package dev.asyncio;

import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How to connect: the keyword arguments of {@code createConnection} and {@code openConnection}.
 *
 * {@snippet :
 * openConnection("example.org", 80, ConnectOptions.defaults().happyEyeballsDelay(ofMillis(250)))
 * }
 *
 * <p><b>Source:</b> CPython 3.14, {@code loop.create_connection}.
 *
 * @param family the only address family to use, or {@code null} for any
 * @param localAddr the address to bind to before connecting, or {@code null} to let the system pick
 * @param sock a connected channel to use instead of host and port, or {@code null}
 * @param happyEyeballsDelay after how long the next address is tried while the one before still is
 *     (RFC 8305), or {@code null} to try them strictly one after the other
 * @param interleave how many addresses of the first family come before families alternate; 0 keeps
 *     the resolver's order
 * @param allErrors whether a failure is an {@link ExceptionGroup} of all attempts' errors
 * @param ssl how to speak TLS, or {@code null} not to
 */
public record ConnectOptions(
    @Nullable StandardProtocolFamily family,
    @Nullable InetSocketAddress localAddr,
    @Nullable SocketChannel sock,
    @Nullable Duration happyEyeballsDelay,
    int interleave,
    boolean allErrors,
    @Nullable TlsOptions ssl) {
  private static final ConnectOptions DEFAULTS =
      new ConnectOptions(null, null, null, null, 0, false, null);

  /**
   * Checks that the numbers make sense.
   *
   * @throws IllegalArgumentException if a number or duration is negative
   */
  public ConnectOptions {
    if (happyEyeballsDelay != null && happyEyeballsDelay.isNegative()) {
      throw new IllegalArgumentException(
          "happyEyeballsDelay must not be negative, got " + happyEyeballsDelay);
    }
    if (interleave < 0) {
      throw new IllegalArgumentException("interleave must not be negative, got " + interleave);
    }
  }

  /** Any family, any local address, one address after the other. */
  public static ConnectOptions defaults() {
    return DEFAULTS;
  }

  /** Restricts the look-up to IPv4 or IPv6; {@code null} lifts it. */
  public ConnectOptions family(@Nullable StandardProtocolFamily family) {
    return new ConnectOptions(
        family, localAddr, sock, happyEyeballsDelay, interleave, allErrors, ssl);
  }

  /** Binds to a local address first. It may be unresolved; it is then looked up as well. */
  public ConnectOptions localAddr(@Nullable InetSocketAddress localAddr) {
    return new ConnectOptions(
        family, localAddr, sock, happyEyeballsDelay, interleave, allErrors, ssl);
  }

  /**
   * Uses a channel that is connected already, and takes ownership of it; excludes host and port.
   */
  public ConnectOptions sock(@Nullable SocketChannel sock) {
    return new ConnectOptions(
        family, localAddr, sock, happyEyeballsDelay, interleave, allErrors, ssl);
  }

  /**
   * Lets attempts overlap: the first that succeeds wins, the others are closed. Families alternate
   * unless {@link #interleave(int)} says otherwise. RFC 8305 recommends 250 ms.
   */
  public ConnectOptions happyEyeballsDelay(@Nullable Duration happyEyeballsDelay) {
    int order = happyEyeballsDelay != null && interleave == 0 ? 1 : interleave;
    return new ConnectOptions(family, localAddr, sock, happyEyeballsDelay, order, allErrors, ssl);
  }

  /** Lets families alternate after this many addresses of the first one; 0 for no reordering. */
  public ConnectOptions interleave(int interleave) {
    return new ConnectOptions(
        family, localAddr, sock, happyEyeballsDelay, interleave, allErrors, ssl);
  }

  /** Whether to fail with a group of all errors instead of one that lists their messages. */
  public ConnectOptions allErrors(boolean allErrors) {
    return new ConnectOptions(
        family, localAddr, sock, happyEyeballsDelay, interleave, allErrors, ssl);
  }

  // --- TLS

  /** Speaks TLS: {@code ssl(tls())} verifies the server's certificate and its name. */
  public ConnectOptions ssl(@Nullable TlsOptions ssl) {
    return new ConnectOptions(
        family, localAddr, sock, happyEyeballsDelay, interleave, allErrors, ssl);
  }

  /** Speaks TLS with the keys and the trust of a context; the server's name is verified. */
  public ConnectOptions ssl(SSLContext context) {
    return ssl(TlsOptions.defaults().context(context));
  }

  /**
   * As {@link TlsOptions#serverHostname(String)}.
   *
   * @throws IllegalArgumentException without {@link #ssl(TlsOptions)} before
   */
  public ConnectOptions serverHostname(@Nullable String serverHostname) {
    return ssl(tls("server_hostname").serverHostname(serverHostname));
  }

  /**
   * As {@link TlsOptions#handshakeTimeout(Duration)}.
   *
   * @throws IllegalArgumentException without {@link #ssl(TlsOptions)} before
   */
  public ConnectOptions sslHandshakeTimeout(Duration limit) {
    return ssl(tls("ssl_handshake_timeout").handshakeTimeout(limit));
  }

  /**
   * As {@link TlsOptions#shutdownTimeout(Duration)}.
   *
   * @throws IllegalArgumentException without {@link #ssl(TlsOptions)} before
   */
  public ConnectOptions sslShutdownTimeout(Duration limit) {
    return ssl(tls("ssl_shutdown_timeout").shutdownTimeout(limit));
  }

  private TlsOptions tls(String option) {
    return TlsOptions.needed(ssl, option);
  }
}

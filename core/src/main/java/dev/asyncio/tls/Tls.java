package dev.asyncio.tls;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.Handle;
import dev.asyncio.TlsOptions;
import dev.asyncio.net.IoLoop;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.net.InetSocketAddress;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Puts TLS on the connections of a loop.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.create_connection}, {@code
 * create_server}, {@code start_tls}.
 */
public final class Tls {
  private static volatile boolean defaultIsLoaded;

  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final Buffers onHeap = Buffers.onHeap();
  private final Buffers direct = Buffers.direct();

  /** TLS for a loop. */
  public Tls(IoLoop io) {
    this.io = io;
    this.loop = io.loop();
  }

  /** A way to connect without TLS, which {@link #connect} goes first. */
  @FunctionalInterface
  public interface Connecting {
    /** As {@code loop.createConnection}. */
    <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connect(
        Supplier<P> factory, @Nullable String host, int port, ConnectOptions options);
  }

  /**
   * Connects, with TLS if {@code options} ask for it: then {@code connectionMade} comes, and the
   * result, after the handshake.
   *
   * <p><b>Cancellation:</b> aborts the connection, wherever it strikes.
   *
   * <p><b>Errors:</b> those of {@code plain}; {@link javax.net.ssl.SSLException} of a handshake
   * that fails, {@link java.net.SocketException} of one that takes too long or is broken off.
   */
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connect(
      Supplier<P> factory,
      @Nullable String host,
      int port,
      ConnectOptions options,
      Connecting plain) {
    TlsOptions tls = options.ssl();
    return tls == null
        ? plain.connect(factory, host, port, options)
        : secured(factory, tls, host, port, wrapped -> plain.connect(wrapped, host, port, options));
  }

  /**
   * Connects in the given way, and puts TLS on the connection, as a client or as a server.
   *
   * @param host the peer's name, to be verified where {@code options} name no other; null for none
   * @param port the peer's port; with the host it finds sessions to resume
   */
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> secured(
      Supplier<P> factory,
      TlsOptions options,
      @Nullable String host,
      int port,
      Function<Supplier<TlsProtocol>, Coroutine<Connected<Transport, TlsProtocol>>> plain) {
    return Coroutine.of(() -> {
      checkHost(options, host);
      SSLContext context = contextFor(options);
      Future<@Nullable Void> shaken = loop.createFuture();
      var made = new Made<P>(null);
      Supplier<TlsProtocol> wrapped =
          () -> {
            P protocol = factory.get();
            made.protocol = protocol;
            SSLEngine engine = engine(context, options, host, port);
            return layer(context, engine, options, protocol, false, shaken);
          };
      Transport transport;
      try {
        transport = plain.apply(wrapped).await().protocol().transport();
      } catch (Throwable exc) {
        shaken.cancel(); // nobody will ask how it went
        throw exc;
      }
      awaitOrAbort(shaken, transport);
      return new Connected<>(transport, Objects.requireNonNull(made.protocol));
    });
  }

  /** The protocol that a factory has made. */
  private static final class Made<P> {
    @Nullable P protocol;

    Made(@Nullable P protocol) {
      this.protocol = protocol;
    }
  }

  /**
   * A factory for a server's connections: with TLS under what {@code factory} makes, or {@code
   * factory} itself without options.
   */
  public Supplier<? extends BaseProtocol> serving(
      Supplier<? extends BaseProtocol> factory, @Nullable TlsOptions options) {
    if (options == null) {
      return factory;
    }
    SSLContext context = serverContext(options);
    return () ->
        layer(context, Engines.server(context, options), options, factory.get(), false, null);
  }

  private TlsProtocol layer(
      SSLContext context,
      SSLEngine engine,
      TlsOptions options,
      BaseProtocol protocol,
      boolean connected,
      @Nullable Future<@Nullable Void> shaken) {
    boolean ofJdk = engine.getClass().getModule() == SSLEngine.class.getModule();
    return new TlsProtocol(
        io, ofJdk ? onHeap : direct, context, engine, options, protocol, connected, shaken);
  }

  /**
   * Puts TLS between a transport that is in use and its protocol.
   *
   * <p><b>Cancellation:</b> aborts the connection.
   *
   * <p><b>Errors:</b> as {@link #connect}; {@link IllegalArgumentException} if the transport cannot
   * drive a stream protocol.
   */
  public Coroutine<Transport> startTls(
      Transport transport, BaseProtocol protocol, SSLContext sslcontext, TlsOptions given) {
    return Coroutine.of(() -> {
      TlsOptions options = given.context(Objects.requireNonNull(sslcontext, "sslcontext"));
      if (!options.serverSide() && options.serverHostname() == null) {
        throw new IllegalArgumentException(
            "check_hostname requires server_hostname: name the server with"
                + " TlsOptions.serverHostname(), empty to accept a certificate of any name");
      }
      Future<@Nullable Void> shaken = loop.createFuture();
      int port =
          transport.getExtraInfo("peername") instanceof InetSocketAddress peer ? peer.getPort() : 0;
      SSLEngine engine = engine(sslcontext, options, "", port);
      TlsProtocol tls = layer(sslcontext, engine, options, protocol, true, shaken);
      // Paused, so that nothing can come before the handshake has begun.
      transport.pauseReading();
      transport.setProtocol(tls);
      Handle made = loop.callSoon(() -> tls.connectionMade(transport));
      Handle resume = loop.callSoon(transport::resumeReading);
      try {
        awaitOrAbort(shaken, transport);
      } catch (Throwable exc) {
        made.cancel();
        resume.cancel();
        throw exc;
      }
      return tls.transport();
    });
  }

  private static void awaitOrAbort(Future<@Nullable Void> shaken, Transport transport) {
    try {
      shaken.await();
    } catch (Throwable exc) {
      transport.abort();
      throw exc;
    }
  }

  private static void checkHost(TlsOptions options, @Nullable String host) {
    boolean unnamed = host == null || host.isEmpty();
    if (unnamed && options.serverHostname() == null && !options.serverSide()) {
      throw new IllegalArgumentException(
          "You must set server_hostname when using ssl without a host");
    }
  }

  private static SSLEngine engine(
      SSLContext context, TlsOptions options, @Nullable String host, int port) {
    if (options.serverSide()) {
      return Engines.server(context, options);
    }
    String name = options.serverHostname();
    return Engines.client(
        context, options, Objects.requireNonNullElse(name, host == null ? "" : host), port);
  }

  /** Loading the JVM's trust takes a while the first time, so that is done elsewhere. */
  private SSLContext contextFor(TlsOptions options) throws NoSuchAlgorithmException {
    if (options.serverSide()) {
      return serverContext(options);
    }
    SSLContext given = options.context();
    if (given != null) {
      return given;
    }
    if (!defaultIsLoaded) {
      loop.runInExecutor(null, SSLContext::getDefault).await();
      defaultIsLoaded = true;
    }
    return SSLContext.getDefault();
  }

  private static SSLContext serverContext(TlsOptions options) {
    SSLContext context = options.context();
    if (context == null) {
      throw new IllegalArgumentException(
          "Server side SSL needs a valid SSLContext: pass tls(context) with the server's key");
    }
    return context;
  }
}

package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.port;

import dev.asyncio.Asyncio;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Future;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.TlsOptions;
import dev.asyncio.net.Loopback;
import dev.asyncio.net.Recorder;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.util.List;
import java.util.function.Supplier;

/** A client and a server of ours that are connected over TLS. */
public final class TlsLink<C extends BaseProtocol, S extends BaseProtocol>
    implements AutoCloseable {
  public final Server server;
  public final C client;
  public final S served;
  public final Transport transport;

  private TlsLink(Server server, Connected<Transport, C> connected, S served) {
    this.server = server;
    this.client = connected.protocol();
    this.transport = connected.transport();
    this.served = served;
  }

  public static <C extends BaseProtocol, S extends BaseProtocol> TlsLink<C, S> of(
      Supplier<C> client, Supplier<S> served) {
    return of(client, served, clientOptions(), serverOptions());
  }

  public static TlsOptions clientOptions() {
    return Asyncio.tls(Identity.LOCALHOST.trusted());
  }

  public static TlsOptions serverOptions() {
    return Asyncio.tls(Identity.LOCALHOST.trusting());
  }

  public static <C extends BaseProtocol, S extends BaseProtocol> TlsLink<C, S> of(
      Supplier<C> client, Supplier<S> served, TlsOptions clientTls, TlsOptions serverTls) {
    Future<S> made = Asyncio.runningLoop().createFuture();
    Server server =
        serve(
            () -> {
              S protocol = served.get();
              if (!made.done()) {
                made.setResult(protocol);
              }
              return protocol;
            },
            serverTls);
    var connected = connect(client, port(server), clientTls);
    S protocol = made.await();
    if (protocol instanceof Recorder recorder) {
      Loopback.until(() -> !recorder.log().isEmpty()); // with TLS 1.3 the server is done last
    }
    return new TlsLink<>(server, connected, protocol);
  }

  public static Server serve(Supplier<? extends BaseProtocol> factory, TlsOptions options) {
    return Asyncio.runningLoop()
        .createServer(factory, List.of(HOST), 0, ServerOptions.defaults().ssl(options))
        .await();
  }

  public static <P extends BaseProtocol> Connected<Transport, P> connect(
      Supplier<P> factory, int port, TlsOptions options) {
    return Asyncio.runningLoop()
        .createConnection(factory, HOST, port, ConnectOptions.defaults().ssl(options))
        .await();
  }

  public static void stop(Server server) {
    server.close();
    server.abortClients();
    server.waitClosed().await();
  }

  @Override
  public void close() {
    transport.abort();
    stop(server);
  }
}

package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.startServer;
import static dev.asyncio.Asyncio.startUnixServer;
import static dev.asyncio.Asyncio.tls;

import dev.asyncio.Coroutine;
import dev.asyncio.DatagramOptions;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.TransportSocket;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An echo server over streams (a coroutine for each connection) or over a protocol (callbacks).
 * {@code streams-buffer}, for TCP, is a coroutine that reads into a buffer of its own.
 *
 * <p>Arguments: {@code tcp}, {@code tls}, {@code udp} or {@code unix}, then {@code protocol} or
 * {@code streams}, then for TLS a file with the server's key, whose password is {@code changeit},
 * then the port on 127.0.0.1, 0 for any, or the socket's path. Prints {@code listening on} and the
 * same when it is up. {@code -Dprovider=CLASS} takes TLS from another provider than the JDK's.
 * {@code bench/compare} drives this program.
 */
public final class EchoServer {
  static final String HOST = "127.0.0.1";
  private static final int BUFFER = 256 * 1024;
  private static final int OWN_BUFFER = 128 * 1024; // of each connection; the largest message fits
  private static final int RECEIVE_BUFFER = 4 * 1024 * 1024; // the system takes what it allows
  static final ServerOptions OPTIONS = ServerOptions.defaults().backlog(4096);
  private static final StreamOptions STREAMS = StreamOptions.defaults();

  private EchoServer() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) throws IOException, GeneralSecurityException {
    String where = args.length > 0 ? args[args.length - 1] : "";
    switch (args.length < 3 ? "" : args[0] + " " + args[1]) {
      case "tcp protocol" -> serve(protocols(port(where), OPTIONS));
      case "tcp streams" -> serve(streams(port(where), OPTIONS));
      case "tcp streams-buffer" ->
          serve(() ->
              startServer(
                  EchoServer::echoThroughBuffer, List.of(HOST), port(where), OPTIONS, STREAMS));
      case "tls protocol" -> serve(protocols(port(where), OPTIONS.ssl(tls(context(args[2])))));
      case "tls streams" -> serve(streams(port(where), OPTIONS.ssl(tls(context(args[2])))));
      case "unix protocol" ->
          serve(() -> runningLoop().createUnixServer(Echo.onOneLoop(), Path.of(where), OPTIONS));
      case "unix streams" ->
          serve(() -> startUnixServer(EchoServer::echo, Path.of(where), OPTIONS, STREAMS));
      case "udp protocol" -> serveDatagrams(port(where));
      default -> {
        System.err.println("usage: EchoServer tcp|tls|udp|unix protocol|streams [KEYS] PORT|PATH");
        System.exit(2);
      }
    }
  }

  private static Supplier<Coroutine<Server>> protocols(int port, ServerOptions options) {
    return () -> runningLoop().createServer(Echo.onOneLoop(), List.of(HOST), port, options);
  }

  private static Supplier<Coroutine<Server>> streams(int port, ServerOptions options) {
    return () -> startServer(EchoServer::echo, List.of(HOST), port, options, STREAMS);
  }

  private static SSLContext context(String keys) throws IOException, GeneralSecurityException {
    char[] password = "changeit".toCharArray();
    KeyStore store = KeyStore.getInstance(new File(keys), password);
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password);
    SSLContext context = contextOf(System.getProperty("provider"));
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static SSLContext contextOf(@Nullable String provider) throws GeneralSecurityException {
    if (provider == null) {
      return SSLContext.getInstance("TLS");
    }
    try {
      Provider made =
          Class.forName(provider).asSubclass(Provider.class).getConstructor().newInstance();
      return SSLContext.getInstance("TLS", made);
    } catch (ReflectiveOperationException exc) {
      throw new GeneralSecurityException("no provider " + provider + " on the class path", exc);
    }
  }

  private static int port(String text) {
    return Integer.parseInt(text);
  }

  private static void serve(Supplier<Coroutine<Server>> start) {
    run(
        Coroutine.of(() -> {
          Server server = await(start.get());
          announce(server.sockets().getFirst());
          await(server.serveForever());
        }));
  }

  private static void serveDatagrams(int port) {
    run(
        Coroutine.of(() -> {
          var options = DatagramOptions.defaults().localAddr(HOST, port);
          var made = await(runningLoop().createDatagramEndpoint(EchoDatagrams::new, options));
          TransportSocket socket =
              Objects.requireNonNull(
                  made.transport().getExtraInfo("socket", TransportSocket.class));
          socket.setSockOpt(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
          announce(socket);
          await(runningLoop().createFuture());
        }));
  }

  static void announce(TransportSocket socket) throws IOException {
    SocketAddress address = Objects.requireNonNull(socket.getSockName());
    System.out.println(
        "listening on " + (address instanceof InetSocketAddress inet ? inet.getPort() : address));
    System.out.flush();
  }

  static void echo(StreamReader reader, StreamWriter writer) {
    try (writer) {
      for (byte[] data; (data = await(reader.read(BUFFER), IOException.class)).length > 0; ) {
        writer.write(data);
        await(writer.drain(), IOException.class);
      }
    } catch (IOException gone) {
      // the peer broke the connection off
    }
  }

  private static void echoThroughBuffer(StreamReader reader, StreamWriter writer) {
    var buffer = ByteBuffer.allocateDirect(OWN_BUFFER);
    try (writer) {
      while (await(reader.read(buffer.clear()), IOException.class) > 0) {
        writer.write(buffer.flip());
        await(writer.drain(), IOException.class);
      }
    } catch (IOException gone) {
      // the peer broke the connection off
    }
  }

  /**
   * Sends back what comes in; stops reading while the peer does not take what it gets. All
   * connections of a loop read into one buffer, which is free again when {@code write} returns.
   */
  static final class Echo implements BufferedProtocol {
    private final ByteBuffer shared;

    @SuppressWarnings("NullAway.Init") // connectionMade is the first callback
    private Transport transport;

    private Echo(ByteBuffer shared) {
      this.shared = shared;
    }

    /** Makes a protocol for each connection of one loop. */
    static Supplier<Echo> onOneLoop() {
      var shared = ByteBuffer.allocateDirect(BUFFER);
      return () -> new Echo(shared);
    }

    @Override
    public void connectionMade(BaseTransport transport) {
      this.transport = (Transport) transport;
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      return shared.clear();
    }

    @Override
    public void bufferUpdated(int count) {
      transport.write(shared.flip());
    }

    @Override
    public void pauseWriting() {
      transport.pauseReading();
    }

    @Override
    public void resumeWriting() {
      transport.resumeReading();
    }
  }

  private static final class EchoDatagrams implements DatagramProtocol {
    @SuppressWarnings("NullAway.Init") // connectionMade is the first callback
    private DatagramTransport transport;

    @Override
    public void connectionMade(BaseTransport transport) {
      this.transport = (DatagramTransport) transport;
    }

    @Override
    public void datagramReceived(ByteBuffer data, SocketAddress addr) {
      transport.sendto(data, addr);
    }
  }
}

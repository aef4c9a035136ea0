package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.startServer;
import static dev.asyncio.Asyncio.tls;

import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The echo server under TLS, over streams or over a protocol.
 *
 * <p>Arguments: {@code streams} or {@code protocol}, the port on 127.0.0.1, 0 for any, and a file
 * with the server's key, whose password is {@code changeit}. Prints {@code listening on PORT} when
 * it accepts. {@code -Dprovider=CLASS} takes TLS from another provider than the JDK's. {@code
 * bench/tls} drives this program.
 */
public final class TlsEchoServer {
  private static final List<String> HOST = List.of("127.0.0.1");
  private static final int BUFFER = 256 * 1024;

  private TlsEchoServer() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) throws IOException, GeneralSecurityException {
    if (args.length != 3) {
      System.err.println("usage: TlsEchoServer streams|protocol PORT KEYS");
      System.exit(2);
    }
    run(serve(args[0].equals("streams"), Integer.parseInt(args[1]), context(args[2])));
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
      var made = (Provider) Class.forName(provider).getConstructor().newInstance();
      return SSLContext.getInstance("TLS", made);
    } catch (ReflectiveOperationException exc) {
      throw new GeneralSecurityException("no provider " + provider + " on the class path", exc);
    }
  }

  private static Coroutine<@Nullable Void> serve(boolean streams, int port, SSLContext context) {
    return Coroutine.of(() -> {
      ServerOptions options = ServerOptions.defaults().backlog(4096).ssl(tls(context));
      Server server =
          await(
              streams
                  ? startServer(TlsEchoServer::echo, HOST, port, options, StreamOptions.defaults())
                  : runningLoop().createServer(EchoProtocol::new, HOST, port, options));
      var address = (InetSocketAddress) server.sockets().getFirst().getSockName();
      System.out.println("listening on " + Objects.requireNonNull(address).getPort());
      System.out.flush();
      await(server.serveForever());
    });
  }

  private static void echo(StreamReader reader, StreamWriter writer) {
    try (writer) {
      for (byte[] data; (data = await(reader.read(BUFFER), IOException.class)).length > 0; ) {
        writer.write(data);
        await(writer.drain(), IOException.class);
      }
    } catch (IOException gone) {
      // the load breaks its connections off
    }
  }

  /** Sends back what comes in; stops reading while the peer does not take what it gets. */
  private static final class EchoProtocol implements Protocol {
    @SuppressWarnings("NullAway.Init") // connectionMade is the first callback
    private Transport transport;

    @Override
    public void connectionMade(BaseTransport transport) {
      this.transport = (Transport) transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
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
}

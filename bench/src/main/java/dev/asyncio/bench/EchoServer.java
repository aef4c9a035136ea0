package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.startServer;

import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An echo server over streams (a coroutine for each connection) or over a protocol (callbacks).
 *
 * <p>Arguments: {@code streams} or {@code protocol}, then the port on 127.0.0.1, 0 for any. Prints
 * {@code listening on PORT} when it accepts. {@code bench/echo} drives this program.
 */
public final class EchoServer {
  private static final List<String> HOST = List.of("127.0.0.1");
  private static final int BUFFER = 64 * 1024;
  private static final ServerOptions OPTIONS = ServerOptions.defaults().backlog(4096);
  private static final String USAGE = "usage: EchoServer streams|protocol PORT";

  private EchoServer() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println(USAGE);
      System.exit(2);
    }
    int port = Integer.parseInt(args[1]);
    switch (args[0]) {
      case "streams" -> run(serveStreams(port));
      case "protocol" -> run(serveProtocol(port));
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }

  private static Coroutine<@Nullable Void> serveStreams(int port) {
    return serve(
        () -> startServer(EchoServer::echo, HOST, port, OPTIONS, StreamOptions.defaults()));
  }

  private static Coroutine<@Nullable Void> serveProtocol(int port) {
    return serve(() -> runningLoop().createServer(EchoProtocol::new, HOST, port, OPTIONS));
  }

  private static Coroutine<@Nullable Void> serve(Supplier<Coroutine<Server>> start) {
    return Coroutine.of(() -> {
      Server server = await(start.get());
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
      // the peer broke the connection off
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

package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.startServer;
import static dev.asyncio.Asyncio.toThread;

import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An echo server that tells how much heap it holds: once {@code listening on PORT}, then for each
 * line that it reads one of the form {@code CONNECTIONS HEAP}, in bytes after a collection.
 *
 * <p>Argument: {@code streams} or {@code protocol}. {@code bench/idle} drives this program.
 */
public final class IdleServer {
  private static final List<String> HOST = List.of("127.0.0.1");
  private static final ServerOptions OPTIONS = ServerOptions.defaults().backlog(4096);

  private static int connections;

  private IdleServer() {}

  /** Serves until its input ends. */
  public static void main(String[] args) {
    if (args.length != 1 || !List.of("streams", "protocol").contains(args[0])) {
      System.err.println("usage: IdleServer streams|protocol");
      System.exit(2);
    }
    run(serve(args[0].equals("streams")));
  }

  private static Coroutine<@Nullable Void> serve(boolean streams) {
    return Coroutine.of(() -> {
      Server server =
          await(
              streams
                  ? startServer(IdleServer::echo, HOST, 0, OPTIONS, StreamOptions.defaults())
                  : runningLoop().createServer(EchoProtocol::new, HOST, 0, OPTIONS));
      var address = (InetSocketAddress) server.sockets().getFirst().getSockName();
      say("listening on " + Objects.requireNonNull(address).getPort());
      var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      while (await(toThread(orders::readLine)) != null) {
        long heap = await(toThread(IdleServer::heap));
        say(connections + " " + heap);
      }
      System.exit(0);
    });
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private static void echo(StreamReader reader, StreamWriter writer) {
    connections++;
    try (writer) {
      for (byte[] data; (data = await(reader.read(1024), IOException.class)).length > 0; ) {
        writer.write(data);
        await(writer.drain(), IOException.class);
      }
    } catch (IOException gone) {
      // the peer broke the connection off
    } finally {
      connections--;
    }
  }

  private static final class EchoProtocol implements Protocol {
    @SuppressWarnings("NullAway.Init") // connectionMade is the first callback
    private Transport transport;

    @Override
    public void connectionMade(BaseTransport transport) {
      this.transport = (Transport) transport;
      connections++;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }

    @Override
    public void connectionLost(@Nullable Throwable exc) {
      connections--;
    }
  }
}

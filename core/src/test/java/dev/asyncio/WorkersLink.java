package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.openConnection;

import dev.asyncio.loop.SharedPorts;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Connection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Workers with a server each, and clients of theirs on the home loop. */
final class WorkersLink {
  static final String HOST = "127.0.0.1";

  /** Where they listen; known once the first one does. */
  final CompletableFuture<Integer> port = new CompletableFuture<>();

  /** How many of them listen. */
  final AtomicInteger serving = new AtomicInteger();

  /** To be called by a main coroutine that has started its server. */
  void serves(Server server) throws IOException {
    port.complete(portOf(server));
    serving.incrementAndGet();
  }

  /** Suspends until so many listen. */
  void untilServing(int count) {
    until(() -> serving.get() >= count);
  }

  /** What a worker's main coroutine does once it listens: serves until it is stopped. */
  Function<Worker, Coroutine<?>> main(Function<Worker, ClientConnected> handler) {
    return worker ->
        async(() -> {
          Server server = worker.startServer(handler.apply(worker), HOST, 0).await();
          serves(server);
          server.serveForever().await();
        });
  }

  /** Says which worker it is and hangs up. */
  static ClientConnected naming(Worker worker) {
    return (_, writer) -> {
      writer.write((worker.index() + "\n").getBytes(StandardCharsets.US_ASCII));
      writer.drain().await();
      writer.close();
    };
  }

  /** Sends back each line with the number of its worker before it, until the peer has ended. */
  static ClientConnected echoing(Worker worker) {
    return (reader, writer) -> {
      try (writer) {
        for (byte[] line; (line = reader.readLine().await()).length > 0; ) {
          writer.write((worker.index() + ":").getBytes(StandardCharsets.US_ASCII));
          writer.write(line);
          writer.drain().await();
        }
      }
    };
  }

  Connection connect() {
    return openConnection(HOST, Asyncio.await(port)).await();
  }

  /** All that the server says to a new connection. */
  String ask() {
    try (var connection = connect()) {
      return text(connection.reader().read().await()).strip();
    }
  }

  static String echo(Connection connection, String line) throws IOException {
    connection.writer().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    return text(connection.reader().readLine().await()).strip();
  }

  static int portOf(Server server) throws IOException {
    var address = (InetSocketAddress) server.sockets().getFirst().getSockName();
    return Objects.requireNonNull(address).getPort();
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  static WorkersOptions options(int loops, PortSharing sharing) {
    return WorkersOptions.defaults().loops(loops).sharing(sharing);
  }

  /** Those that this system has. */
  static List<PortSharing> sharings() {
    return SharedPorts.systemSpreads()
        ? List.of(PortSharing.values())
        : List.of(PortSharing.HAND_OUT);
  }

  /** Suspends until it holds; the test's limit is the only one. */
  static void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      Asyncio.sleep(Duration.ofMillis(1)).await();
    }
  }
}

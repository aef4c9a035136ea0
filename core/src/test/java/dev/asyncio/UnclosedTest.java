package dev.asyncio;

import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.net.Recorder;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamReaderProtocol;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is dropped without being closed, or forgotten when the loop closes. */
@Timeout(60)
class UnclosedTest {

  /** A listening socket that nothing of the library knows. */
  private static ServerSocketChannel peer() throws IOException {
    return ServerSocketChannel.open().bind(new InetSocketAddress(HOST, 0));
  }

  private static int portOf(ServerSocketChannel server) throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /** Runs the garbage collector, and the loop, until something has come of it. */
  private static void collectUntil(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      System.gc();
      ticks(10);
    }
  }

  /** The warnings; debug mode also tells of steps that were slow, which collecting garbage is. */
  private static List<String> warnings(AsyncioLog log) {
    return log.messages().stream().filter(message -> message.startsWith("unclosed")).toList();
  }

  private static long count(AsyncioLog log, String text) {
    return warnings(log).stream().filter(message -> message.startsWith(text)).count();
  }

  /** Connects, and forgets all about it but the channel. */
  private static SocketChannel connectPaused(int port) throws IOException {
    SocketChannel channel = SocketChannel.open(new InetSocketAddress(HOST, port));
    runningLoop()
        .createConnection(Recorder::new, null, 0, ConnectOptions.defaults().sock(channel))
        .await()
        .transport()
        .pauseReading();
    return channel;
  }

  @Test
  void a_dropped_transport_is_closed_and_reported_with_the_place_it_was_made() throws IOException {
    try (var log = new AsyncioLog();
        var peer = peer()) {
      run(() -> {
        runningLoop().setDebug(true);
        SocketChannel channel = connectPaused(portOf(peer));
        collectUntil(() -> !channel.isOpen());
        assertEquals(1, count(log, "unclosed transport <"), warnings(log).toString());
        String message = warnings(log).getFirst();
        assertTrue(
            message.lines().toList().get(2).contains("UnclosedTest.connectPaused("), message);
      });
      assertEquals(1, count(log, "unclosed"));
    }
  }

  @Test
  void without_debug_mode_it_is_closed_quietly() throws IOException {
    try (var log = new AsyncioLog();
        var peer = peer()) {
      run(() -> {
        SocketChannel channel = connectPaused(portOf(peer));
        collectUntil(() -> !channel.isOpen());
        SocketChannel atTheEnd = connectPaused(portOf(peer));
        assertTrue(atTheEnd.isOpen());
      });
      assertEquals(List.of(), warnings(log));
    }
  }

  @Test
  void a_transport_that_reads_is_no_garbage() throws IOException {
    try (var peer = peer()) {
      run(() -> {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(HOST, portOf(peer)));
        var protocol = new WeakReference<>(connect(channel));
        for (int i = 0; i < 5; i++) {
          System.gc();
          ticks(10);
        }
        assertTrue(channel.isOpen());
        Recorder held = protocol.get();
        assertNotNull(held);
        held.transport().close();
      });
    }
  }

  private static Recorder connect(SocketChannel channel) {
    return runningLoop()
        .createConnection(Recorder::new, null, 0, ConnectOptions.defaults().sock(channel))
        .await()
        .protocol();
  }

  @Test
  void what_is_open_when_the_loop_closes_is_reported_and_closed() throws IOException {
    List<Object> held = new ArrayList<>();
    SocketChannel[] channel = new SocketChannel[1];
    try (var log = new AsyncioLog();
        var peer = peer()) {
      run(() -> {
        runningLoop().setDebug(true);
        channel[0] = SocketChannel.open(new InetSocketAddress(HOST, portOf(peer)));
        held.add(connect(channel[0]).transport());
        held.add(
            runningLoop()
                .createServer(Recorder::new, List.of(HOST), 0, ServerOptions.defaults())
                .await());
      });
      assertEquals(1, count(log, "unclosed transport <" + held.getFirst()), "" + warnings(log));
      assertEquals(1, count(log, "unclosed server <Server["), "" + warnings(log));
      assertTrue(warnings(log).getFirst().contains("what_is_open_when_the_loop_closes"));
      assertFalse(channel[0].isOpen());
      assertEquals(2, warnings(log).size(), "" + warnings(log));
    }
  }

  @Test
  void what_was_closed_is_not_reported() throws IOException {
    try (var log = new AsyncioLog();
        var peer = peer()) {
      run(() -> {
        runningLoop().setDebug(true);
        Server server = Asyncio.startServer((_, writer) -> writer.close(), HOST, 0).await();
        try (Connection connection = Asyncio.openConnection(HOST, port(server)).await()) {
          assertEquals(0, connection.reader().read().await().length);
        }
        Recorder aborted = connect(SocketChannel.open(new InetSocketAddress(HOST, portOf(peer))));
        aborted.transport().abort();
        aborted.lost().await();
        server.close();
        server.waitClosed().await();
        Task<Server> given =
            Asyncio.createTask(
                runningLoop()
                    .createServer(Recorder::new, List.of(HOST), 0, ServerOptions.defaults()));
        ticks(1);
        given.cancel();
        assertThrows(CancelledError.class, given::await);
        for (int i = 0; i < 3; i++) {
          System.gc();
          ticks(10);
        }
      });
      assertEquals(List.of(), warnings(log));
    }
  }

  @Test
  void a_server_that_never_served_is_closed_when_it_is_dropped() throws IOException {
    try (var log = new AsyncioLog()) {
      run(() -> {
        runningLoop().setDebug(true);
        ServerSocketChannel channel = peer();
        bind(channel);
        collectUntil(() -> !channel.isOpen());
        assertEquals(1, count(log, "unclosed server <"), warnings(log).toString());
      });
    }
  }

  private static void bind(ServerSocketChannel channel) {
    Server server =
        runningLoop()
            .createServer(
                Recorder::new,
                List.of(),
                0,
                ServerOptions.defaults().sock(channel).startServing(false))
            .await();
    assertFalse(server.isServing());
  }

  // ---- streams

  @Test
  void a_dropped_writer_is_closed_and_reported() throws IOException {
    try (var log = new AsyncioLog()) {
      run(() -> {
        runningLoop().setDebug(true);
        var lost = runningLoop().<byte[]>createFuture();
        Server server =
            Asyncio.startServer(
                    (reader, writer) -> {
                      lost.setResult(reader.read().await());
                      writer.close();
                    },
                    HOST,
                    0)
                .await();
        openAndForget(port(server));
        collectUntil(lost::done);
        assertEquals(0, lost.result().length);
        assertEquals(1, count(log, "unclosed StreamWriter on <"), warnings(log).toString());
        assertTrue(warnings(log).getFirst().contains("UnclosedTest.openAndForget"));
        server.close();
        server.waitClosed().await();
      });
      assertEquals(1, warnings(log).size(), warnings(log).toString());
    }
  }

  private static void openAndForget(int port) {
    Asyncio.openConnection(HOST, port).await();
  }

  @Test
  void a_writer_that_is_held_keeps_its_connection() {
    run(() -> {
      var connected = runningLoop().<StreamWriter>createFuture();
      Server server =
          Asyncio.startServer((_, writer) -> connected.setResult(writer), HOST, 0).await();
      StreamWriter client = Asyncio.openConnection(HOST, port(server)).await().writer();
      StreamWriter accepted = connected.await();
      for (int i = 0; i < 5; i++) {
        System.gc();
        ticks(10);
      }
      assertFalse(client.isClosing() || accepted.isClosing());
      client.close();
      accepted.close();
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void a_reader_that_is_held_keeps_its_connection() {
    run(() -> {
      var accepted = runningLoop().<Connection>createFuture();
      Server server =
          Asyncio.startServer(
                  (reader, writer) -> accepted.setResult(new Connection(reader, writer)), HOST, 0)
              .await();
      StreamReader reader = Asyncio.openConnection(HOST, port(server)).await().reader();
      try (Connection other = accepted.await()) {
        for (int i = 0; i < 5; i++) {
          collect();
          ticks(10);
        }
        assertFalse(other.reader().atEof());
      }
      assertEquals(0, reader.read().await().length);
      server.close();
    });
  }

  @Test
  void an_accepted_writer_that_its_handler_forgot_is_closed() {
    run(() -> {
      Server server = Asyncio.startServer((_, _) -> {}, HOST, 0).await();
      try (Connection connection = Asyncio.openConnection(HOST, port(server)).await()) {
        Task<byte[]> end = Asyncio.createTask(connection.reader().read());
        collectUntil(end::done);
        assertEquals(0, end.result().length);
      }
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void a_server_does_not_wait_for_an_accepted_connection_that_its_protocol_dropped() {
    run(() -> {
      Server server =
          runningLoop()
              .createServer(DroppingProtocol::new, List.of(HOST), 0, ServerOptions.defaults())
              .await();
      try (Connection connection = Asyncio.openConnection(HOST, port(server)).await()) {
        Task<byte[]> end = Asyncio.createTask(connection.reader().read());
        collectUntil(end::done);
        assertEquals(0, end.result().length);
      }
      server.close();
      server.waitClosed().await();
    });
  }

  /** Has nothing to read, and forgets its transport. */
  private static final class DroppingProtocol implements Protocol {
    @Override
    public void connectionMade(BaseTransport transport) {
      ((Transport) transport).pauseReading();
    }
  }

  @Test
  void a_reader_lives_until_its_handler_runs_and_a_client_without_one_is_aborted()
      throws IOException {
    try (var peer = peer()) {
      run(() -> {
        List<ExceptionContext> reports = reports();
        var handled = runningLoop().<StreamReader>createFuture();
        StreamReaderProtocol accepted = protocolAlone(handled);
        collect();
        runningLoop()
            .createConnection(() -> accepted, HOST, portOf(peer), ConnectOptions.defaults())
            .await()
            .transport();
        StreamReader reader = handled.await();
        assertFalse(reader.atEof());
        assertEquals(List.of(), reports);

        var dropped = new StreamReaderProtocol(new StreamReader());
        collect();
        Transport aborted =
            runningLoop()
                .createConnection(() -> dropped, HOST, portOf(peer), ConnectOptions.defaults())
                .await()
                .transport();
        assertTrue(aborted.isClosing());
        assertEquals(1, reports.size());
        assertTrue(
            reports
                .getFirst()
                .message()
                .startsWith(
                    "An open stream was garbage collected prior to establishing network"
                        + " connection"),
            reports.getFirst().message());
        assertInstanceOf(Transport.class, reports.getFirst().transport());
      });
    }
  }

  private static StreamReaderProtocol protocolAlone(Future<StreamReader> handled) {
    return new StreamReaderProtocol(
        new StreamReader(),
        (reader, writer) -> {
          handled.setResult(reader);
          writer.close();
        });
  }

  private static void collect() {
    var canary = new WeakReference<>(new Object());
    while (canary.get() != null) {
      System.gc();
    }
  }
}

package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.IncompleteReadException;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.Task;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both ends of a connection on one loop: clients against servers of our own. */
@Timeout(60)
class StreamsTest {
  private static Server serve(ClientConnected handler) {
    return Streams.startServer(
            Asyncio.runningLoop(),
            handler,
            List.of(HOST),
            0,
            ServerOptions.defaults(),
            StreamOptions.defaults())
        .await();
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      byte[] data;
      while ((data = reader.read(65_536).await()).length > 0) {
        writer.write(data);
        writer.drain().await();
      }
    }
  }

  private static void stop(Server server) {
    server.close();
    server.closeClients();
    server.waitClosed().await();
  }

  @Test
  void a_line_goes_there_and_back() {
    run(() -> {
      Server server = serve(StreamsTest::echo);
      try (Connection client = StreamLink.connectTo(port(server))) {
        client.writer().write(bytes("hello\n"));
        client.writer().drain().await();
        assertEquals("hello\n", text(client.reader().readLine().await()));
        client.writer().writeEof();
        assertEquals("", text(client.reader().read().await()));
      }
      stop(server);
    });
  }

  @Test
  void the_short_forms_need_a_host_and_a_port_only() {
    run(() -> {
      Server server = Asyncio.startServer(StreamsTest::echo, HOST, 0).await();
      try (Connection client = Asyncio.openConnection(HOST, port(server)).await()) {
        client.writer().write(bytes("hello"));
        assertEquals("hello", text(client.reader().readExactly(5).await()));
      }
      stop(server);
    });
  }

  @Test
  void a_hundred_clients_at_once_get_back_what_they_sent() {
    run(() -> {
      Server server = serve(StreamsTest::echo);
      List<Task<?>> clients = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        byte[] data = new byte[1 + i * 1000];
        new Random(i).nextBytes(data);
        clients.add(
            Asyncio.createTask(
                Asyncio.async(() -> {
                  try (Connection client = StreamLink.connectTo(port(server))) {
                    client.writer().write(data);
                    client.writer().writeEof();
                    assertArrayEquals(data, client.reader().read().await());
                    client.writer().close();
                    client.writer().waitClosed().await();
                  }
                })));
      }
      for (Task<?> client : clients) {
        client.await();
      }
      stop(server);
    });
  }

  @Test
  void megabytes_cross_in_both_directions_at_once() {
    run(() -> {
      Server server = serve(StreamsTest::echo);
      byte[] data = new byte[8 * 1024 * 1024];
      new Random(1).nextBytes(data);
      try (Connection client = StreamLink.connectTo(port(server))) {
        Task<?> sending =
            Asyncio.createTask(
                Asyncio.async(() -> {
                  for (int at = 0; at < data.length; at += 12_345) {
                    int length = Math.min(12_345, data.length - at);
                    client.writer().write(data, at, length);
                    client.writer().drain().await();
                  }
                  client.writer().writeEof();
                }));
        assertArrayEquals(data, client.reader().read().await());
        sending.await();
      }
      stop(server);
    });
  }

  @Test
  void a_refused_connection_is_an_io_exception() {
    run(() -> {
      int port;
      try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.ofLiteral(HOST))) {
        port = closed.getLocalPort();
      }
      assertThrows(ConnectException.class, () -> StreamLink.connectTo(port));
    });
  }

  @Test
  void the_limit_reaches_the_reader() {
    run(() -> {
      Server server = serve(StreamsTest::echo);
      try (Connection client =
          Streams.openConnection(
                  Asyncio.runningLoop(),
                  HOST,
                  port(server),
                  ConnectOptions.defaults(),
                  StreamOptions.defaults().limit(4))
              .await()) {
        client.writer().write(bytes("too long\n"));
        assertThrows(IllegalArgumentException.class, () -> client.reader().readLine().await());
      }
      stop(server);
      assertThrows(IllegalArgumentException.class, () -> StreamOptions.defaults().limit(0));
    });
  }

  @Test
  void a_peer_that_closes_early_leaves_an_incomplete_read() {
    run(() -> {
      Server server =
          serve((reader, writer) -> {
            writer.write(bytes("Content-Length: 100\n\nonly this"));
            writer.close();
          });
      try (Connection client = StreamLink.connectTo(port(server))) {
        assertEquals("Content-Length: 100\n", text(client.reader().readLine().await()));
        assertEquals("\n", text(client.reader().readLine().await()));
        var exc =
            assertThrows(
                IncompleteReadException.class, () -> client.reader().readExactly(100).await());
        assertEquals("only this", text(exc.partial()));
      }
      stop(server);
    });
  }

  @Test
  void cancelling_a_client_at_any_of_its_awaits_closes_its_connection() {
    run(() -> {
      for (int turns = 0; turns < 25; turns++) {
        List<Task<?>> handlers = new ArrayList<>();
        Server server =
            serve((reader, writer) -> {
              handlers.add(Asyncio.currentTask());
              echo(reader, writer);
            });
        Task<?> client =
            Asyncio.createTask(
                Asyncio.async(() -> {
                  try (Connection mine = StreamLink.connectTo(port(server))) {
                    while (true) {
                      mine.writer().write(bytes("ping\n"));
                      mine.writer().drain().await();
                      assertEquals("ping\n", text(mine.reader().readLine().await()));
                    }
                  }
                }));
        ticks(turns);
        client.cancel();
        assertThrows(CancelledError.class, client::await);
        ticks(3);
        // What was connected is seen to end; what was not leaves nothing behind.
        for (Task<?> handler : handlers) {
          handler.await();
        }
        server.close();
        server.waitClosed().await();
        assertFalse(server.isServing());
      }
    });
  }

  @Test
  void cancelling_a_handler_at_any_of_its_awaits_closes_its_connection() {
    run(() -> {
      for (int turns = 0; turns < 25; turns++) {
        List<Task<?>> handlers = new ArrayList<>();
        Server server =
            serve((reader, writer) -> {
              handlers.add(Asyncio.currentTask());
              echo(reader, writer);
            });
        try (Connection client = StreamLink.connectTo(port(server))) {
          client.writer().write(bytes("ping"));
          while (handlers.isEmpty()) {
            ticks(1);
          }
          ticks(turns);
          handlers.getFirst().cancel();
          String seen = text(client.reader().read().await()); // ends: the connection is closed
          assertTrue(seen.isEmpty() || seen.equals("ping"), seen);
        }
        server.close();
        server.waitClosed().await();
      }
    });
  }

  @Test
  void a_reader_fed_by_hand_and_its_protocol_serve_any_transport() {
    run(() -> {
      var reader = new StreamReader();
      var protocol = new StreamReaderProtocol(reader);
      var transport = new PausableTransport();
      protocol.connectionMade(transport);
      protocol.dataReceived(java.nio.ByteBuffer.wrap(bytes("fed")));
      assertTrue(protocol.eofReceived(), "keeps the sending half open");
      assertEquals("fed", text(reader.read().await()));
      protocol.connectionLost(null);
    });
  }
}

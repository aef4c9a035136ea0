package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.LimitOverrunException;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.Task;
import dev.asyncio.TimeoutException;
import dev.asyncio.net.Loopback;
import dev.asyncio.tls.Identity;
import dev.asyncio.transport.TransportSocket;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What streams promise, over real sockets against a raw peer. */
@Timeout(60)
class StreamsSurfaceTest {
  private static final int MORE_THAN_THE_SYSTEM_TAKES = 16 * 1024 * 1024;

  private static byte[] noise(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  // ---- reading

  @Test
  void read_backpressure() {
    run(() -> {
      var reader = new StreamReader(10);
      var transport = new PausableTransport();
      reader.setTransport(transport);
      reader.feedData(new byte[20]);
      assertEquals(List.of(), transport.log, "twice the limit is not over it");
      reader.feedData(new byte[1]);
      assertEquals(List.of("pause"), transport.log);
      reader.feedData(new byte[1]);
      assertEquals(List.of("pause"), transport.log);
      reader.read(11).await();
      assertEquals(List.of("pause"), transport.log, "11 are left");
      reader.read(1).await();
      assertEquals(List.of("pause", "resume"), transport.log);

      reader.feedData(new byte[11]);
      assertEquals(List.of("pause", "resume", "pause"), transport.log);
      Task<byte[]> more = Asyncio.createTask(reader.readExactly(30));
      ticks(1);
      assertEquals(
          List.of("pause", "resume", "pause", "resume"),
          transport.log,
          "a read that has to wait lets the rest come");
      reader.feedData(new byte[9]);
      assertEquals(30, more.await().length);
    });
  }

  @Test
  void a_peer_that_sends_without_end_is_slowed_down() {
    run(() -> {
      try (var link = StreamLink.of(1000)) {
        var sending = Asyncio.createTask(link.peer().sendAll(noise(MORE_THAN_THE_SYSTEM_TAKES)));
        until(() -> !link.transport().isReading());
        ticks(10);
        assertFalse(sending.done());
        byte[] first = link.reader().read(100).await();
        assertArrayEquals(Arrays.copyOf(noise(MORE_THAN_THE_SYSTEM_TAKES), 100), first);
        assertFalse(link.transport().isReading());
        byte[] rest = link.reader().readExactly(MORE_THAN_THE_SYSTEM_TAKES - 100).await();
        sending.await();
        assertArrayEquals(
            Arrays.copyOfRange(noise(MORE_THAN_THE_SYSTEM_TAKES), 100, MORE_THAN_THE_SYSTEM_TAKES),
            rest);
      }
    });
  }

  @Test
  void one_reader() {
    run(() -> {
      try (var link = StreamLink.of()) {
        Task<byte[]> first = Asyncio.createTask(link.reader().read(10));
        ticks(1);
        var exc = assertThrows(IllegalStateException.class, () -> link.reader().read(10).await());
        assertTrue(
            exc.getMessage()
                .startsWith(
                    "read() called while another coroutine is already waiting for incoming"
                        + " data"));
        link.peer().send("x");
        assertEquals("x", text(first.await()));
      }
    });
  }

  @Test
  void cancel_read_loses_nothing() {
    run(() -> {
      try (var link = StreamLink.of()) {
        Task<byte[]> line = Asyncio.createTask(link.reader().readLine());
        link.peer().send("half a ");
        until(() -> link.reader().toString().startsWith("StreamReader[7 bytes"));
        line.cancel();
        assertThrows(CancelledError.class, line::await);
        link.peer().send("line\n");
        assertEquals("half a line\n", text(link.reader().readLine().await()));
      }
    });
  }

  @Test
  void a_million_bytes_without_a_newline_end_in_an_error_and_the_stream_goes_on() {
    run(() -> {
      try (var link = StreamLink.of()) {
        byte[] flood = new byte[1_000_000];
        Arrays.fill(flood, (byte) 'x');
        Asyncio.createTask(link.peer().sendAll(flood));
        var overrun =
            assertThrows(
                LimitOverrunException.class, () -> link.reader().readUntil(bytes("\n")).await());
        assertTrue(overrun.consumed() > 65_536);
        assertTrue(
            overrun.getMessage().startsWith("Separator is not found, and chunk exceed the limit"));
        assertTrue(overrun.getMessage().contains("StreamOptions.limit()"));
        // Nothing was lost: skip what is named, as often as needed, and read on.
        int skipped = link.reader().readExactly(overrun.consumed()).await().length;
        skipped += link.reader().readExactly(flood.length - skipped).await().length;
        assertEquals(flood.length, skipped);
        link.peer().send("next\n");
        assertEquals("next\n", text(link.reader().readLine().await()));
      }
    });
  }

  @Test
  void a_silent_peer_can_be_left_by_a_timeout_and_heard_later() {
    run(() -> {
      try (var link = StreamLink.of()) {
        assertThrows(
            TimeoutException.class,
            () -> Asyncio.waitFor(link.reader().readLine(), Duration.ofMillis(5)).await());
        link.peer().send("late\n");
        assertEquals("late\n", text(link.reader().readLine().await()));
      }
    });
  }

  @Test
  void half_close() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.peer().send("question").endOutput();
        assertEquals("question", text(link.reader().read().await()));
        assertTrue(link.reader().atEof());
        assertFalse(link.writer().isClosing());
        link.writer().write(bytes("answer"));
        link.writer().drain().await();
        assertTrue(link.writer().canWriteEof());
        link.writer().writeEof();
        assertEquals("answer", text(link.peer().receiveAll().await()));
      }
    });
  }

  @Test
  void ending_the_output_leaves_the_input_open() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().write(bytes("request"));
        link.writer().writeEof();
        assertEquals("request", text(link.peer().receiveAll().await()));
        link.peer().send("response");
        assertEquals("response", text(link.reader().readExactly(8).await()));
        assertThrows(IllegalStateException.class, () -> link.writer().write(bytes("too late")));
      }
    });
  }

  // ---- writing

  @Test
  void writes_arrive_in_order() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().write(bytes("one "));
        link.writer().write(bytes("__two __"), 2, 4);
        link.writer().write(java.nio.ByteBuffer.wrap(bytes("three ")));
        link.writer().writeLines(List.of(bytes("four "), bytes(""), bytes("five")));
        assertEquals("one two three four five", text(link.peer().receive(23).await()));
      }
    });
  }

  @Test
  void a_peer_that_never_reads_keeps_the_writer_waiting_and_its_buffer_small() {
    run(() -> {
      try (var link = StreamLink.of()) {
        byte[] chunk = noise(10_000);
        int[] written = {0};
        Task<?> writing =
            start(() -> {
              while (true) {
                link.writer().write(chunk);
                written[0] += chunk.length;
                link.writer().drain().await();
              }
            });
        until(() -> link.transport().getWriteBufferSize() > 64 * 1024);
        int stopped = written[0];
        ticks(50);
        assertEquals(stopped, written[0]);
        assertTrue(link.transport().getWriteBufferSize() <= 64 * 1024 + chunk.length);
        writing.cancel();
        assertThrows(CancelledError.class, writing::await);
        // Cancelling the waiting lost nothing of what was written.
        byte[] received = link.peer().receive(stopped).await();
        for (int at = 0; at < stopped; at += chunk.length) {
          assertArrayEquals(chunk, Arrays.copyOfRange(received, at, at + chunk.length));
        }
      }
    });
  }

  @Test
  void drain_waits_until_the_low_mark() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().write(new byte[MORE_THAN_THE_SYSTEM_TAKES]);
        Task<?> draining = Asyncio.createTask(link.writer().drain());
        ticks(3);
        assertFalse(draining.done());
        Asyncio.createTask(link.peer().receive(MORE_THAN_THE_SYSTEM_TAKES));
        draining.await();
        assertTrue(link.transport().getWriteBufferSize() <= WriteBufferLimits.DEFAULT.low());
      }
    });
  }

  @Test
  void drain_of_what_was_sent_does_not_suspend() {
    run(() -> {
      try (var link = StreamLink.of()) {
        List<String> log = new ArrayList<>();
        start(() -> log.add("another task"));
        link.writer().write(bytes("x"));
        link.writer().drain().await();
        log.add("drained");
        assertEquals(List.of("drained"), log);
      }
    });
  }

  @Test
  void many_drainers() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().write(new byte[MORE_THAN_THE_SYSTEM_TAKES]);
        List<Task<?>> drainers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          drainers.add(Asyncio.createTask(link.writer().drain()));
        }
        ticks(2);
        drainers.getFirst().cancel();
        ticks(2);
        assertEquals(9, drainers.stream().filter(d -> !d.done()).count());
        Asyncio.createTask(link.peer().receive(MORE_THAN_THE_SYSTEM_TAKES));
        for (Task<?> drainer : drainers.subList(1, 10)) {
          drainer.await();
        }
      }
    });
  }

  @Test
  void drain_yields_when_closing() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().close();
        List<String> log = new ArrayList<>();
        start(() -> log.add("another task"));
        var exc = assertThrows(SocketException.class, () -> link.writer().drain().await());
        assertEquals(List.of("another task"), log);
        assertTrue(exc.getMessage().startsWith("Connection lost"), exc.getMessage());
      }
    });
  }

  @Test
  void a_loop_of_writes_and_drains_notices_a_reset() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.peer().reset();
        assertThrows(
            IOException.class,
            () -> {
              while (true) {
                link.writer().write(bytes("x"));
                link.writer().drain().await();
              }
            });
      }
    });
  }

  @Test
  void a_loss_wakes_everybody_with_its_error() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().write(new byte[MORE_THAN_THE_SYSTEM_TAKES]);
        List<Task<?>> waiting =
            List.of(
                Asyncio.createTask(link.reader().read(1)),
                Asyncio.createTask(link.writer().drain()),
                Asyncio.createTask(link.writer().drain()),
                Asyncio.createTask(link.writer().waitClosed()));
        ticks(2);
        link.peer().reset();
        Throwable first = assertThrows(IOException.class, waiting.getFirst()::await);
        for (Task<?> task : waiting) {
          assertSame(first, assertThrows(IOException.class, task::await));
        }
        assertSame(first, link.reader().exception());
        assertSame(first, assertThrows(IOException.class, () -> link.writer().drain().await()));
        assertSame(
            first, assertThrows(IOException.class, () -> link.writer().waitClosed().await()));
      }
    });
  }

  @Test
  void an_aborted_connection_wakes_everybody() {
    run(() -> {
      try (var link = StreamLink.of()) {
        link.writer().write(new byte[MORE_THAN_THE_SYSTEM_TAKES]);
        Task<byte[]> read = Asyncio.createTask(link.reader().read(1));
        Task<?> drain = Asyncio.createTask(link.writer().drain());
        ticks(2);
        link.writer().transport().abort();
        assertEquals("", text(read.await()));
        drain.await(); // as CPython: no error, since the end was asked for
        link.writer().waitClosed().await();
        assertThrows(SocketException.class, () -> link.writer().drain().await());
      }
    });
  }

  // ---- closing

  @Test
  void closing_sends_what_is_buffered_and_can_be_waited_for() {
    run(() -> {
      try (var link = StreamLink.of()) {
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        link.writer().write(data);
        link.writer().close();
        assertTrue(link.writer().isClosing());
        Task<?> closed = Asyncio.createTask(link.writer().waitClosed());
        ticks(3);
        assertFalse(closed.done());
        assertArrayEquals(data, link.peer().receiveAll().await());
        closed.await();
        link.writer().waitClosed().await();
        assertEquals("", text(link.reader().read().await()));
      }
    });
  }

  @Test
  void cancelling_wait_closed_leaves_the_others_waiting() {
    run(() -> {
      try (var link = StreamLink.of()) {
        Task<?> cancelled = Asyncio.createTask(link.writer().waitClosed());
        Task<?> other = Asyncio.createTask(link.writer().waitClosed());
        ticks(1);
        cancelled.cancel();
        assertThrows(CancelledError.class, cancelled::await);
        assertFalse(other.done());
        link.writer().close();
        other.await();
      }
    });
  }

  // ---- handlers

  @Test
  void handler_task_errors() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      var planned = new IOException("planned");
      try (var link =
          StreamLink.handledBy((reader, writer) -> {
            reader.readLine().await();
            throw planned;
          })) {
        link.peer().send("go\n");
        assertEquals("", text(link.peer().receiveAll().await()));
        ExceptionContext report = reports.getFirst();
        assertEquals("Unhandled exception in client_connected_cb", report.message());
        assertSame(planned, report.exception());
        assertNotNull(report.transport());
        assertEquals(1, reports.size());
      }
      reports.clear();
      List<Task<?>> handlers = new ArrayList<>();
      try (var link =
          StreamLink.handledBy((reader, writer) -> {
            handlers.add(Asyncio.currentTask());
            reader.readLine().await();
          })) {
        until(() -> !handlers.isEmpty());
        handlers.getFirst().cancel();
        assertEquals("", text(link.peer().receiveAll().await()));
        assertEquals(List.of(), reports);
      }
    });
  }

  @Test
  void a_handler_that_returns_leaves_the_connection_open() {
    run(() -> {
      List<StreamWriter> writers = new ArrayList<>();
      try (var link = StreamLink.handledBy((reader, writer) -> writers.add(writer))) {
        until(() -> !writers.isEmpty());
        ticks(5);
        assertFalse(writers.getFirst().isClosing());
        writers.getFirst().write(bytes("later"));
        assertEquals("later", text(link.peer().receive(5).await()));
      }
    });
  }

  // ---- facts

  @Test
  void a_stream_knows_its_transport_and_what_that_knows() {
    run(() -> {
      try (var link = StreamLink.of()) {
        StreamWriter writer = link.writer();
        assertSame(link.transport(), writer.transport());
        assertEquals(
            new InetSocketAddress("127.0.0.1", link.peer().socket().getLocalPort()),
            writer.getExtraInfo("peername"));
        assertInstanceOf(TransportSocket.class, writer.getExtraInfo("socket"));
        assertNotNull(writer.getExtraInfo("sockname", InetSocketAddress.class));
        assertNull(writer.getExtraInfo("cipher"));
      }
    });
  }

  // --- TLS

  @Test
  void tls_options_pass_through() {
    run(() -> {
      SSLContext servers = Identity.LOCALHOST.trusting();
      Server server =
          Asyncio.startServer(
                  (reader, writer) -> {
                    try (writer) {
                      writer.write(reader.readLine().await());
                      writer.drain().await();
                    }
                  },
                  List.of(Loopback.HOST),
                  0,
                  ServerOptions.defaults()
                      .ssl(Asyncio.tls(servers).applicationProtocols("line"))
                      .sslHandshakeTimeout(Duration.ofSeconds(50))
                      .sslShutdownTimeout(Duration.ofSeconds(20)),
                  StreamOptions.defaults())
              .await();
      ConnectOptions options =
          ConnectOptions.defaults()
              .ssl(Identity.LOCALHOST.trusted())
              .serverHostname("localhost")
              .sslHandshakeTimeout(Duration.ofSeconds(50))
              .sslShutdownTimeout(Duration.ofSeconds(20));
      int port = Loopback.port(server);
      try (Connection client =
          Asyncio.openConnection(Loopback.HOST, port, options, StreamOptions.defaults()).await()) {
        client.writer().write(bytes("over TLS\n"));
        assertEquals("over TLS\n", text(client.reader().readLine().await()));
        assertSame(
            Objects.requireNonNull(options.ssl()).context(),
            client.writer().getExtraInfo("sslcontext"));
        assertEquals("", text(client.reader().read().await()), "a TLS stream closes at the end");
        client.writer().waitClosed().await();
        assertTrue(client.writer().isClosing());
      }
      // Each of them has an effect.
      Coroutine<Connection> misnamed =
          Asyncio.openConnection(
              Loopback.HOST, port, options.serverHostname("other"), StreamOptions.defaults());
      assertThrows(SSLHandshakeException.class, misnamed::await);
      var spoken = Asyncio.tls(Identity.LOCALHOST.trusted()).applicationProtocols("other");
      assertThrows(
          SSLHandshakeException.class,
          () -> Asyncio.openConnection(Loopback.HOST, port, spoken).await());
      assertThrows(
          SSLHandshakeException.class,
          () -> Asyncio.openConnection(Loopback.HOST, port, Asyncio.tls()).await());
      server.close();
      server.closeClients();
      server.waitClosed().await();
    });
  }
}

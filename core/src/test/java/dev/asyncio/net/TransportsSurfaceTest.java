package dev.asyncio.net;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.ExceptionContext;
import dev.asyncio.tls.TlsLink;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every stream transport promises, over real sockets. */
@Timeout(60)
class TransportsSurfaceTest {
  private static final int MORE_THAN_THE_SYSTEM_TAKES = 16 * 1024 * 1024;

  private static byte[] noise(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  private static void write(Transport transport, String text) {
    transport.write(ByteBuffer.wrap(bytes(text)));
  }

  @Test
  void water_marks() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        assertEquals(new WriteBufferLimits(16 * 1024, 64 * 1024), transport.getWriteBufferLimits());
        transport.setWriteBufferLimits(100, 50);
        assertEquals(new WriteBufferLimits(50, 100), transport.getWriteBufferLimits());
        transport.setWriteBufferLimits(100);
        assertEquals(new WriteBufferLimits(25, 100), transport.getWriteBufferLimits());
        transport.setWriteBufferLimits(WriteBufferLimits.ofLow(10));
        assertEquals(new WriteBufferLimits(10, 40), transport.getWriteBufferLimits());
        transport.setWriteBufferLimits(0);
        assertEquals(new WriteBufferLimits(0, 0), transport.getWriteBufferLimits());
        transport.setWriteBufferLimits();
        assertEquals(WriteBufferLimits.DEFAULT, transport.getWriteBufferLimits());
        var exc =
            assertThrows(
                IllegalArgumentException.class, () -> transport.setWriteBufferLimits(1, 2));
        assertEquals("high (1) must be >= low (2) must be >= 0", exc.getMessage());
        assertThrows(IllegalArgumentException.class, () -> transport.setWriteBufferLimits(1, -1));
      }
    });
  }

  @Test
  void pause_writing_edge() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        Transport transport = protocol.transport();
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        transport.write(ByteBuffer.wrap(data));
        assertEquals(List.of("made", "pause"), protocol.log());
        write(transport, "more");
        assertEquals(List.of("made", "pause"), protocol.log(), "once per crossing");
        long waiting = transport.getWriteBufferSize();
        assertTrue(waiting > 64 * 1024);
        var all = Asyncio.createTask(link.peer().receive(data.length + 4));
        until(() -> protocol.log().contains("resume"));
        assertTrue(transport.getWriteBufferSize() <= 16 * 1024);
        byte[] received = all.await();
        assertArrayEquals(data, java.util.Arrays.copyOf(received, data.length));
        assertEquals(List.of("made", "pause", "resume"), protocol.log());
        assertEquals(0, transport.getWriteBufferSize());
      }
    });
  }

  @Test
  void write_tries_now() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        write(transport, "at once");
        assertEquals(0, transport.getWriteBufferSize());
        byte[] received = link.peer().socket().getInputStream().readNBytes(7); // no turn taken
        assertEquals("at once", text(received));
      }
    });
  }

  @Test
  void write_after_loss() {
    List<LogRecord> warnings = new ArrayList<>();
    Logger logger = Logger.getLogger("asyncio");
    Handler collector = collector(warnings::add);
    logger.addHandler(collector);
    logger.setUseParentHandlers(false);
    try {
      run(() -> {
        try (var link = Link.of(Recorder::new)) {
          Transport transport = link.protocol().transport();
          transport.abort();
          for (int i = 0; i < 4; i++) {
            ByteBuffer dropped = ByteBuffer.wrap(bytes("x"));
            transport.write(dropped);
            assertEquals(0, dropped.remaining());
          }
          assertEquals(0, warnings.size());
          write(transport, "x");
          transport.writeLines(List.of(ByteBuffer.wrap(bytes("x"))));
          assertEquals(2, warnings.size());
          assertTrue(warnings.getFirst().getMessage().startsWith("socket.send() raised exception"));
          assertEquals(0, transport.getWriteBufferSize());
        }
      });
    } finally {
      logger.removeHandler(collector);
      logger.setUseParentHandlers(true);
    }
  }

  private static Handler collector(Consumer<LogRecord> target) {
    return new Handler() {
      @Override
      public void publish(LogRecord entry) {
        target.accept(entry);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void close_flushes() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        protocol.transport().write(ByteBuffer.wrap(data));
        protocol.transport().close();
        assertTrue(protocol.transport().isClosing());
        protocol.transport().close();
        ticks(3);
        assertFalse(protocol.lost().done());
        assertArrayEquals(data, link.peer().receiveAll().await());
        assertNull(protocol.lost().await());
        assertEquals(1, protocol.log().stream().filter("lost"::equals).count());
      }
    });
  }

  @Test
  void read_starts_after_made() {
    run(() -> {
      class Early extends Recorder {
        @Override
        public void connectionMade(BaseTransport transport) {
          super.connectionMade(transport);
          ((Transport) transport).pauseReading();
          log.add("reading " + ((Transport) transport).isReading());
        }
      }
      try (var link = Link.of(Early::new)) {
        link.peer().send("early");
        ticks(10);
        assertEquals(List.of("made", "reading false"), link.protocol().log());
        link.protocol().transport().resumeReading();
        until(() -> link.protocol().receivedText().equals("early"));
        assertEquals(List.of("made", "reading false", "data 5"), link.protocol().log());
      }
    });
  }

  private static void expectFatal(
      List<ExceptionContext> reports, String message, Throwable thrown, Recorder protocol)
      throws Exception {
    assertSame(thrown, protocol.lost().await());
    ExceptionContext report = reports.getFirst();
    assertEquals(message, report.message());
    assertSame(thrown, report.exception());
    assertSame(protocol, report.protocol());
    assertSame(protocol.transport(), report.transport());
    assertEquals(1, reports.size());
  }

  @Test
  void protocol_exceptions() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      var thrown = new IllegalStateException("planned");
      class Failing extends Recorder {
        @Override
        public void dataReceived(ByteBuffer data) {
          throw thrown;
        }

        @Override
        public boolean eofReceived() {
          throw thrown;
        }
      }
      try (var link = Link.of(Failing::new)) {
        link.peer().send("x");
        expectFatal(
            reports, "Fatal error: protocol.data_received() call failed.", thrown, link.protocol());
      }
      reports.clear();
      try (var link = Link.of(Failing::new)) {
        link.peer().endOutput();
        expectFatal(
            reports, "Fatal error: protocol.eof_received() call failed.", thrown, link.protocol());
      }
    });
  }

  @Test
  void connection_errors_quiet() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      try (var link = Link.of(Recorder::new)) {
        link.peer().send("before").reset();
        assertInstanceOf(IOException.class, link.protocol().lost().await());
        assertEquals(List.of(), reports);
      }
    });
  }

  @Test
  void buffered_protocol_empty_buffer() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      try (var link = Link.of(() -> new BufferedRecorder(ByteBuffer.allocate(0)))) {
        link.peer().send("x");
        until(() -> link.protocol().log.contains("lost"));
        assertEquals(
            "Fatal error: protocol.get_buffer() call failed.", reports.getFirst().message());
        assertEquals(
            "getBuffer() returned an empty buffer", link.protocol().lost.getFirst().getMessage());
      }
    });
  }

  @Test
  void pipe_eof() {
    run(() -> {
      Pipe pipe = Pipe.open();
      var events = new ArrayList<String>();
      class Reader implements Protocol {
        @Override
        public boolean eofReceived() {
          events.add("eof");
          return true;
        }

        @Override
        public void connectionLost(@Nullable Throwable exc) {
          events.add("lost " + exc);
        }
      }
      Asyncio.runningLoop().connectReadPipe(Reader::new, pipe.source()).await();
      pipe.sink().close();
      until(() -> events.size() == 2);
      assertEquals(List.of("eof", "lost null"), events);

      events.clear();
      try (var listening = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
          var reader = SocketChannel.open(listening.getLocalAddress())) {
        var made = Asyncio.runningLoop().connectWritePipe(Reader::new, listening.accept()).await();
        assertFalse(made.transport().isClosing());
        reader.close();
        until(() -> events.size() == 1);
        assertEquals(List.of("lost null"), events, "noticed without a write");
        assertTrue(made.transport().isClosing());
      }

      events.clear();
      Pipe full = Pipe.open();
      var writer = Asyncio.runningLoop().connectWritePipe(Reader::new, full.sink()).await();
      while (writer.transport().getWriteBufferSize() == 0) {
        writer.transport().write(ByteBuffer.allocate(65_536));
      }
      full.source().close();
      until(() -> events.size() == 1);
      assertTrue(events.getFirst().contains("Broken pipe"), events.getFirst());
    });
  }

  // --- TLS

  @Test
  void tls_no_half_close() {
    run(() -> {
      class StaysOpen extends Recorder {
        @Override
        public boolean eofReceived() {
          super.eofReceived();
          return true;
        }
      }
      List<LogRecord> warnings = new ArrayList<>();
      Logger logger = Logger.getLogger("asyncio");
      Handler collector = collector(warnings::add);
      logger.addHandler(collector);
      logger.setUseParentHandlers(false);
      try (var link = TlsLink.of(Recorder::new, StaysOpen::new)) {
        assertFalse(link.transport.canWriteEof());
        assertThrows(UnsupportedOperationException.class, link.transport::writeEof);
        link.transport.close();
        assertNull(link.served.lost().await());
        assertNull(link.client.lost().await());
        assertEquals(List.of("made", "eof", "lost"), link.served.log());
        assertEquals(
            "returning true from eof_received() has no effect when using ssl",
            warnings.getFirst().getMessage());
      } finally {
        logger.removeHandler(collector);
        logger.setUseParentHandlers(true);
      }
    });
  }

  @Test
  void udp_flow_control() {
    run(() -> {
      DatagramRecorder receiver = DatagramRecorder.bound();
      try (var full = new StuffedEndpoint(new DatagramRecorder())) {
        DatagramTransport transport = full.transport;
        assertEquals(WriteBufferLimits.DEFAULT, transport.getWriteBufferLimits());
        transport.setWriteBufferLimits(new WriteBufferLimits(18, 36));
        ByteBuffer data = ByteBuffer.wrap(bytes("0123456789"));
        transport.sendto(data.duplicate(), receiver.address());
        assertEquals(10 + 8, transport.getWriteBufferSize(), "the header counts");
        transport.sendto(data.duplicate(), receiver.address());
        assertEquals(List.of("made"), full.protocol.log, "at the mark is not above it");
        transport.sendto(data.duplicate(), receiver.address());
        assertEquals(List.of("made", "pause"), full.protocol.log);
        transport.sendto(data.duplicate(), receiver.address());
        full.becomesWritable(2);
        assertEquals(36, transport.getWriteBufferSize());
        assertEquals(List.of("made", "pause"), full.protocol.log, "still above the low mark");
        full.becomesWritable(1);
        assertEquals(List.of("made", "pause", "resume"), full.protocol.log);
        full.becomesWritable(1);
        assertEquals(0, transport.getWriteBufferSize());
        until(() -> receiver.senders.size() == 4);
      }
      receiver.end();
    });
  }

  @Test
  void tls_flow_control() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        Transport sender = link.transport;
        Transport receiver = link.served.transport();
        assertEquals(new WriteBufferLimits(128 * 1024, 512 * 1024), sender.getWriteBufferLimits());
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        receiver.pauseReading();
        sender.write(ByteBuffer.wrap(data));
        assertEquals(List.of("made", "pause"), link.client.log());
        assertTrue(sender.getWriteBufferSize() >= 512 * 1024);
        // What was sent fills the socket's buffers and, up to its mark, the receiver's; no more.
        long before = -1;
        while (sender.getWriteBufferSize() != before) {
          before = sender.getWriteBufferSize();
          ticks(1000);
        }
        assertTrue(before > 512 * 1024, "the socket was not paused: " + before);
        assertEquals(List.of("made"), link.served.log());
        receiver.resumeReading();
        until(() -> link.client.log().contains("resume"));
        assertTrue(sender.getWriteBufferSize() <= 128 * 1024);
        until(() -> link.served.received().length == data.length);
        assertArrayEquals(data, link.served.received());
        assertEquals(List.of("made", "pause", "resume"), link.client.log());
        sender.setWriteBufferLimits(100, 50);
        assertEquals(new WriteBufferLimits(50, 100), sender.getWriteBufferLimits());
        sender.setWriteBufferLimits();
        assertEquals(512 * 1024, sender.getWriteBufferLimits().high());
      }
    });
  }
}

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
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stream transports over real sockets: what goes beyond the promises of every transport. */
@Timeout(60)
class SocketTransportTest {
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
  void a_buffer_of_exactly_the_high_mark_does_not_pause() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        Transport transport = protocol.transport();
        transport.setWriteBufferLimits(Long.MAX_VALUE, 0);
        transport.write(ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_TAKES));
        long waiting = transport.getWriteBufferSize();
        transport.setWriteBufferLimits(waiting, 0);
        assertEquals(List.of("made"), protocol.log());
        write(transport, "x");
        assertEquals(List.of("made", "pause"), protocol.log());
      }
    });
  }

  @Test
  void new_limits_below_what_waits_pause_at_once() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        Transport transport = protocol.transport();
        transport.setWriteBufferLimits(Long.MAX_VALUE, 0);
        transport.write(ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_TAKES));
        transport.setWriteBufferLimits(100);
        assertEquals(List.of("made", "pause"), protocol.log());
      }
    });
  }

  @Test
  void what_was_written_may_be_changed_by_its_owner() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        byte[] sent = data.clone();
        ByteBuffer given = ByteBuffer.wrap(sent);
        transport.write(given);
        assertEquals(0, given.remaining());
        java.util.Arrays.fill(sent, (byte) 0);
        assertArrayEquals(data, link.peer().receive(data.length).await());
      }
    });
  }

  @Test
  void direct_read_only_and_partial_buffers_are_sent_as_they_stand() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        transport.write(ByteBuffer.wrap(bytes("__heap__"), 2, 4));
        transport.write(ByteBuffer.wrap(bytes("__read-only__"), 2, 9).asReadOnlyBuffer());
        ByteBuffer direct = ByteBuffer.allocateDirect(10);
        direct.put(bytes("__direct__")).position(2).limit(8);
        transport.write(direct);
        transport.write(ByteBuffer.allocate(0));
        transport.write(ByteBuffer.wrap(bytes("slice"), 1, 3).slice());
        assertEquals("heapread-onlydirectlic", text(link.peer().receive(22).await()));
      }
    });
  }

  @Test
  void lines_are_gathered_in_order_with_what_waits() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        transport.writeLines(
            List.of(
                ByteBuffer.wrap(bytes("a")), ByteBuffer.allocate(0), ByteBuffer.wrap(bytes("bc"))));
        assertEquals(0, transport.getWriteBufferSize());
        transport.writeLines(List.of());
        byte[] big = noise(MORE_THAN_THE_SYSTEM_TAKES);
        transport.writeLines(List.of(ByteBuffer.wrap(big), ByteBuffer.wrap(bytes("d"))));
        assertTrue(transport.getWriteBufferSize() > 0);
        assertEquals(List.of("made", "pause"), link.protocol().log());
        transport.writeLines(List.of(ByteBuffer.wrap(bytes("e"))));
        byte[] all = link.peer().receive(3 + big.length + 2).await();
        assertEquals("abc", text(all).substring(0, 3));
        assertEquals("de", text(all).substring(3 + big.length));
      }
    });
  }

  @Test
  void writing_after_write_eof_is_refused() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        assertTrue(transport.canWriteEof());
        transport.writeEof();
        transport.writeEof();
        var exc = assertThrows(IllegalStateException.class, () -> write(transport, "late"));
        assertEquals("Cannot call write() after writeEof()", exc.getMessage());
        assertThrows(IllegalStateException.class, () -> transport.writeLines(List.of()));
      }
    });
  }

  @Test
  void the_end_of_writing_comes_behind_what_is_buffered_and_leaves_reading_open() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        protocol.transport().write(ByteBuffer.wrap(data));
        protocol.transport().writeEof();
        assertArrayEquals(data, link.peer().receiveAll().await());
        link.peer().send("still heard");
        until(() -> protocol.receivedText().equals("still heard"));
      }
    });
  }

  @Test
  void abort_drops_what_is_buffered() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        protocol.transport().write(ByteBuffer.wrap(data));
        protocol.transport().close();
        protocol.transport().abort();
        protocol.transport().abort();
        assertEquals(0, protocol.transport().getWriteBufferSize());
        assertFalse(protocol.lost().done(), "never inside the call");
        assertNull(protocol.lost().await());
        assertTrue(link.peer().receiveAll().await().length < data.length);
        assertEquals(1, protocol.log().stream().filter("lost"::equals).count());
      }
    });
  }

  @Test
  void closing_with_nothing_to_send_reports_the_loss_in_the_next_turn() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        protocol.transport().close();
        assertEquals(List.of("made"), protocol.log());
        ticks(1);
        assertEquals(List.of("made", "lost"), protocol.log());
        assertEquals("", text(link.peer().receiveAll().await()));
      }
    });
  }

  @Test
  void after_the_peers_end_the_descriptor_is_given_back_in_the_turn_of_connection_lost() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        long open = Descriptors.open();
        link.peer().endOutput();
        until(() -> protocol.log().contains("lost"));
        assertEquals(List.of("made", "eof", "lost"), protocol.log());
        assertEquals(open - 1, Descriptors.open());
      }
    });
  }

  @Test
  void nothing_is_delivered_while_paused_and_nothing_is_lost() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        Transport transport = protocol.transport();
        assertTrue(transport.isReading());
        transport.pauseReading();
        transport.pauseReading();
        assertFalse(transport.isReading());
        link.peer().send("while paused").endOutput();
        ticks(10);
        assertEquals(List.of("made"), protocol.log());
        transport.resumeReading();
        transport.resumeReading();
        assertTrue(transport.isReading());
        assertNull(protocol.lost().await());
        assertEquals(List.of("made", "data 12", "eof", "lost"), protocol.log());
        transport.resumeReading();
        assertFalse(transport.isReading());
      }
    });
  }

  @Test
  void pausing_between_the_poll_and_the_read_delivers_nothing() {
    run(() -> {
      try (var one = Link.of(Recorder::new);
          var other = Link.of(Recorder::new)) {
        // Both become ready in one poll; whoever is read first pauses the other.
        class Pausing extends Recorder {
          private final Transport target;

          Pausing(Transport target) {
            this.target = target;
          }

          @Override
          public void dataReceived(ByteBuffer data) {
            super.dataReceived(data);
            target.pauseReading();
          }
        }
        var first = new Pausing(other.protocol().transport());
        var second = new Pausing(one.protocol().transport());
        one.protocol().transport().setProtocol(first);
        other.protocol().transport().setProtocol(second);
        one.peer().send("1");
        other.peer().send("2");
        until(() -> !first.log().isEmpty() || !second.log().isEmpty());
        ticks(5);
        assertEquals(1, first.log().size() + second.log().size());
      }
    });
  }

  @Test
  void an_end_of_input_that_is_kept_open_is_told_once() {
    run(() -> {
      class HalfOpen extends Recorder {
        @Override
        public boolean eofReceived() {
          super.eofReceived();
          return true;
        }
      }
      try (var link = Link.of(HalfOpen::new)) {
        Transport transport = link.protocol().transport();
        link.peer().endOutput();
        until(() -> link.protocol().log().contains("eof"));
        transport.pauseReading();
        transport.resumeReading();
        ticks(5);
        assertEquals(List.of("made", "eof"), link.protocol().log());
        assertFalse(transport.isClosing());
        write(transport, "answer");
        transport.close();
        assertEquals("answer", text(link.peer().receiveAll().await()));
      }
    });
  }

  @Test
  void errors_of_flow_control_callbacks_are_reported_only() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      class Failing extends Recorder {
        @Override
        public void pauseWriting() {
          super.pauseWriting();
          throw new IllegalStateException("pause");
        }

        @Override
        public void resumeWriting() {
          super.resumeWriting();
          throw new IllegalStateException("resume");
        }
      }
      try (var link = Link.of(Failing::new)) {
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        link.protocol().transport().write(ByteBuffer.wrap(data));
        assertArrayEquals(data, link.peer().receive(data.length).await());
        until(() -> reports.size() == 2);
        assertEquals("protocol.pause_writing() failed", reports.get(0).message());
        assertEquals("protocol.resume_writing() failed", reports.get(1).message());
        assertFalse(link.protocol().transport().isClosing());
      }
    });
  }

  @Test
  void an_error_of_connection_made_is_reported_and_the_connection_lives() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      class Failing extends Recorder {
        @Override
        public void connectionMade(BaseTransport transport) {
          super.connectionMade(transport);
          throw new IllegalStateException("planned");
        }
      }
      try (var link = Link.of(Failing::new)) {
        assertEquals(1, reports.size());
        link.peer().send("x");
        until(() -> link.protocol().receivedText().equals("x"));
      }
    });
  }

  @Test
  void writing_to_a_reset_connection_ends_it_with_the_error() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        protocol.transport().pauseReading();
        link.peer().reset();
        while (!protocol.transport().isClosing()) {
          write(protocol.transport(), "x");
        }
        assertInstanceOf(IOException.class, protocol.lost().await());
        assertEquals(List.of("made", "lost with IOException"), protocol.log());
      }
    });
  }

  @Test
  void a_reset_while_data_waits_ends_it_with_the_error() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder protocol = link.protocol();
        protocol.transport().pauseReading();
        protocol.transport().write(ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_TAKES));
        protocol.transport().close();
        link.peer().reset();
        assertInstanceOf(IOException.class, protocol.lost().await());
        assertEquals(0, protocol.transport().getWriteBufferSize());
      }
    });
  }

  @Test
  void a_buffered_protocol_receives_into_its_own_buffer() {
    run(() -> {
      for (ByteBuffer buffer : List.of(ByteBuffer.allocate(4), ByteBuffer.allocateDirect(4))) {
        try (var link = Link.of(() -> new BufferedRecorder(buffer))) {
          link.peer().send("abcdef").endOutput();
          until(() -> link.protocol().log.contains("lost"));
          assertEquals(
              List.of(
                  "made",
                  "get -1",
                  "updated abcd",
                  "get -1",
                  "updated ef",
                  "get -1",
                  "eof",
                  "lost"),
              link.protocol().log);
        }
      }
    });
  }

  @Test
  void an_error_of_buffer_updated_ends_the_connection() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      class Failing extends BufferedRecorder {
        Failing() {
          super(ByteBuffer.allocate(10));
        }

        @Override
        public void bufferUpdated(int count) {
          throw new IllegalStateException("planned");
        }
      }
      try (var link = Link.of(Failing::new)) {
        link.peer().send("x");
        until(() -> link.protocol().log.contains("lost"));
        assertEquals(
            "Fatal error: protocol.buffer_updated() call failed.", reports.getFirst().message());
      }
    });
  }

  @Test
  void a_protocol_of_both_kinds_is_given_what_it_has_no_buffer_for() {
    run(() -> {
      class Both extends BufferedRecorder implements Protocol {
        Both() {
          super(ByteBuffer.allocate(2));
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
          return log.contains("updated ab") ? ByteBuffer.allocate(0) : super.getBuffer(sizeHint);
        }

        @Override
        public void dataReceived(ByteBuffer data) {
          log.add(data.remaining() + " more");
        }

        @Override
        public boolean eofReceived() {
          return super.eofReceived();
        }
      }
      try (var link = Link.of(Both::new)) {
        link.peer().send("abcdef").endOutput();
        until(() -> link.protocol().log.contains("lost"));
        assertEquals(
            List.of("made", "get -1", "updated ab", "4 more", "eof", "lost"), link.protocol().log);
      }
    });
  }

  @Test
  void in_debug_mode_a_call_from_another_thread_is_refused_by_name() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        Asyncio.runningLoop().setDebug(true);
        List<Consumer<Transport>> calls =
            List.of(
                t -> write(t, "x"),
                t -> t.writeLines(List.of()),
                t -> t.writeEof(),
                t -> t.close(),
                t -> t.abort(),
                t -> t.pauseReading(),
                t -> t.resumeReading(),
                t -> t.setProtocol(new Protocol() {}));
        for (Consumer<Transport> call : calls) {
          var refused = Asyncio.createTask(Asyncio.toThread(() -> call.accept(transport)));
          var exc = assertThrows(IllegalStateException.class, refused::await);
          assertTrue(exc.getMessage().contains("callSoonThreadsafe"), exc.getMessage());
          assertTrue(exc.getMessage().contains("transport."), exc.getMessage());
        }
        assertFalse(transport.isClosing());
      }
    });
  }

  @Test
  void a_transport_knows_its_addresses_and_its_socket() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Transport transport = link.protocol().transport();
        int port = link.peer().socket().getLocalPort();
        assertEquals(
            new InetSocketAddress(Loopback.HOST, port), transport.getExtraInfo("peername"));
        var sockname = transport.getExtraInfo("sockname", InetSocketAddress.class);
        assertEquals(Loopback.port(link.server()), Objects.requireNonNull(sockname).getPort());
        assertNull(transport.getExtraInfo("sslcontext"));
        assertThrows(
            ClassCastException.class, () -> transport.getExtraInfo("peername", String.class));
        var socket =
            Objects.requireNonNull(transport.getExtraInfo("socket", TransportSocket.class));
        assertEquals(sockname, socket.getSockName());
        assertEquals(new InetSocketAddress(Loopback.HOST, port), socket.getPeerName());
        assertEquals(StandardProtocolFamily.INET, socket.family());
        assertTrue(socket.getSockOpt(StandardSocketOptions.TCP_NODELAY));
        socket.setSockOpt(StandardSocketOptions.SO_KEEPALIVE, true);
        assertTrue(socket.getSockOpt(StandardSocketOptions.SO_KEEPALIVE));
        socket.shutdown(TransportSocket.Half.OUTPUT);
        assertEquals("", text(link.peer().receiveAll().await()));
        transport.abort();
        ticks(1);
        assertEquals(sockname, transport.getExtraInfo("sockname"), "known after the end");
      }
    });
  }

  @Test
  void a_protocol_can_be_exchanged() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        Recorder first = link.protocol();
        Transport transport = first.transport();
        var second = new BufferedRecorder(ByteBuffer.allocate(10));
        assertSame(first, transport.getProtocol());
        transport.setProtocol(second);
        assertSame(second, transport.getProtocol());
        link.peer().send("x");
        until(() -> second.log.contains("updated x"));
        var third = new Recorder();
        transport.setProtocol(third);
        link.peer().send("y").endOutput();
        assertNull(third.lost().await());
        assertEquals(List.of("data 1", "eof", "lost"), third.log());
        assertEquals(List.of("made"), first.log());
        assertThrows(
            IllegalArgumentException.class, () -> transport.setProtocol(new BaseProtocol() {}));
      }
    });
  }

  @Test
  void a_byte_order_set_by_one_callback_does_not_reach_the_next() {
    run(() -> {
      class Little extends Recorder {
        @Override
        public void dataReceived(ByteBuffer data) {
          log.add(data.order().toString());
          data.order(java.nio.ByteOrder.LITTLE_ENDIAN);
        }
      }
      try (var link = Link.of(Little::new)) {
        for (int i = 1; i <= 2; i++) {
          link.peer().send("x");
          int seen = i;
          until(() -> link.protocol().log().size() == 1 + seen);
        }
        assertEquals(List.of("made", "BIG_ENDIAN", "BIG_ENDIAN"), link.protocol().log());
      }
    });
  }

  @Test
  void what_is_received_can_be_written_on_at_once() {
    run(() -> {
      class Echo extends Recorder {
        @Override
        public void dataReceived(ByteBuffer data) {
          transport().write(data);
        }
      }
      Protocol unused = new Protocol() {};
      assertFalse(unused.eofReceived());
      try (var link = Link.of(Echo::new)) {
        byte[] data = noise(5_000_000);
        var sending = Asyncio.createTask(link.peer().sendAll(data));
        // The peer begins to receive only when the way back is full.
        until(() -> link.protocol().transport().getWriteBufferSize() > 0 || sending.done());
        assertArrayEquals(data, link.peer().receive(data.length).await());
        sending.await();
      }
    });
  }
}

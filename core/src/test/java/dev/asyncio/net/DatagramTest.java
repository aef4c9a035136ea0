package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.DatagramOptions;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** UDP endpoints over loopback. */
@Timeout(60)
class DatagramTest {
  private static DatagramOptions options() {
    return DatagramOptions.defaults();
  }

  private static InetSocketAddress nobodysAddress() throws IOException {
    try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      channel.bind(new InetSocketAddress(HOST, 0));
      return (InetSocketAddress) channel.getLocalAddress();
    }
  }

  // --- sending and receiving

  @Test
  void a_datagram_and_its_answer_name_their_senders() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.send("question");
      until(() -> server.senders.size() == 1);
      assertEquals(client.address(), server.senders.getFirst());
      server.send("answer", server.senders.getFirst());
      until(() -> client.senders.size() == 1);
      assertEquals(server.address(), client.senders.getFirst());
      server.end();
      client.end();
      assertEquals(List.of("made", "got question", "lost"), server.log);
      assertEquals(List.of("made", "got answer", "lost"), client.log);
    });
  }

  @Test
  void no_bytes_are_a_datagram_too() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.bound();
      client.send("", server.address());
      client.send("x", server.address());
      until(() -> server.senders.size() == 2);
      assertEquals(List.of("made", "got ", "got x"), server.log);
      assertEquals(client.address(), server.senders.getFirst());
      server.end();
      client.end();
    });
  }

  @Test
  void a_connected_socket_says_that_it_cannot_send_no_bytes_but_receives_them() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.send("");
      assertTrue(
          client.errors.getFirst().getMessage().startsWith("an empty datagram was not sent"));
      server.send("", client.address());
      until(() -> client.senders.size() == 1);
      assertEquals("got ", client.log.getLast());
      server.end();
      client.end();
    });
  }

  @Test
  void direct_heap_and_sliced_buffers_are_sent_and_consumed() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      ByteBuffer direct = ByteBuffer.allocateDirect(10).put(bytes("--direct--"));
      ByteBuffer heap = ByteBuffer.wrap(bytes("--heap----"));
      for (ByteBuffer data : List.of(direct.position(2).limit(8), heap.position(2).limit(6))) {
        client.transport().sendto(data);
        assertFalse(data.hasRemaining());
      }
      client.transport().sendto(ByteBuffer.wrap(bytes("only")).asReadOnlyBuffer(), null);
      until(() -> server.senders.size() == 3);
      assertEquals(List.of("made", "got direct", "got heap", "got only"), server.log);
      server.end();
      client.end();
    });
  }

  @Test
  void what_arrives_may_be_sent_back_at_once() {
    run(() -> {
      class Echo extends DatagramRecorder {
        @Override
        public void datagramReceived(ByteBuffer data, SocketAddress addr) {
          transport().sendto(data, addr);
        }
      }
      var server =
          Asyncio.runningLoop()
              .createDatagramEndpoint(Echo::new, options().localAddr(HOST, 0))
              .await()
              .protocol();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      String large = "x".repeat(60_000);
      client.send(large);
      until(() -> client.senders.size() == 1);
      assertEquals("got " + large, client.log.getLast());
      server.end();
      client.end();
    });
  }

  @Test
  void many_datagrams_found_at_once_are_delivered_in_order_and_in_batches() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      int count = 2 * DatagramSocketTransport.BATCH + 1;
      for (int i = 0; i < count; i++) {
        client.send("" + i);
      }
      List<Integer> known = new ArrayList<>(); // after each turn of the loop
      until(() -> {
        known.add(server.senders.size());
        return server.senders.size() == count;
      });
      for (int i = 0; i < count; i++) {
        assertEquals("got " + i, server.log.get(i + 1));
      }
      for (int i = 1; i < known.size(); i++) {
        assertTrue(known.get(i) - known.get(i - 1) <= DatagramSocketTransport.BATCH, "" + known);
      }
      server.end();
      client.end();
    });
  }

  @Test
  void closing_in_the_middle_of_a_batch_delivers_no_more() {
    run(() -> {
      class Once extends DatagramRecorder {
        @Override
        public void datagramReceived(ByteBuffer data, SocketAddress addr) {
          super.datagramReceived(data, addr);
          transport().close();
        }
      }
      var server =
          Asyncio.runningLoop()
              .createDatagramEndpoint(Once::new, options().localAddr(HOST, 0))
              .await()
              .protocol();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.send("one");
      client.send("two");
      server.lost().await();
      assertEquals(List.of("made", "got one", "lost"), server.log);
      client.end();
    });
  }

  @Test
  void a_protocol_that_throws_is_reported_and_goes_on() {
    run(() -> {
      var reports = reports();
      class Faulty extends DatagramRecorder {
        @Override
        public void datagramReceived(ByteBuffer data, SocketAddress addr) {
          super.datagramReceived(data, addr);
          throw new IllegalStateException("no");
        }
      }
      var server =
          Asyncio.runningLoop()
              .createDatagramEndpoint(Faulty::new, options().localAddr(HOST, 0))
              .await()
              .protocol();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.send("one");
      client.send("two");
      until(() -> server.senders.size() == 2);
      ticks(2);
      assertEquals(2, reports.size());
      assertFalse(server.transport().isClosing());
      server.end();
      client.end();
    });
  }

  // --- errors

  @Test
  void a_closed_port_is_an_error_and_the_endpoint_lives() {
    run(() -> {
      DatagramRecorder client = DatagramRecorder.connectedTo(nobodysAddress());
      client.send("anybody?");
      until(() -> !client.errors.isEmpty());
      assertInstanceOf(PortUnreachableException.class, client.errors.getFirst());
      assertFalse(client.transport().isClosing());
      client.send("again?"); // may tell of the error, or make another one
      until(() -> client.errors.size() >= 2);
      client.end();
      assertEquals("lost", client.log.getLast());
    });
  }

  @Test
  void a_datagram_too_large_is_an_error_and_the_endpoint_lives() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      server.send("x".repeat(70_000), server.address());
      server.send("x".repeat(300_000), server.address());
      assertEquals(2, server.errors.size());
      server.send("small", server.address());
      until(() -> server.senders.size() == 1);
      server.end();
    });
  }

  // --- buffering and the end

  @Test
  void what_waits_is_sent_in_order_before_the_end() {
    run(() -> {
      DatagramRecorder receiver = DatagramRecorder.bound();
      try (var full = new StuffedEndpoint(new DatagramRecorder())) {
        ByteBuffer reused = ByteBuffer.wrap(bytes("one"));
        full.transport.sendto(reused, receiver.address());
        reused.clear().put(bytes("two")).flip(); // what waits is a copy
        full.transport.sendto(reused, receiver.address());
        full.transport.sendto(ByteBuffer.wrap(bytes("3")), receiver.address());
        full.transport.close();
        full.transport.close();
        ticks(3);
        assertEquals(List.of("made"), full.protocol.log);
        assertTrue(full.transport.isClosing());
        full.becomesWritable(2);
        assertEquals(9, full.transport.getWriteBufferSize());
        full.becomesWritable(5);
        assertEquals(List.of("made", "lost"), full.protocol.log);
        until(() -> receiver.senders.size() == 3);
        assertEquals(List.of("made", "got one", "got two", "got 3"), receiver.log);
      }
      receiver.end();
    });
  }

  @Test
  void an_error_of_one_that_waited_leaves_the_others() {
    run(() -> {
      DatagramRecorder receiver = DatagramRecorder.bound();
      try (var full = new StuffedEndpoint(new DatagramRecorder())) {
        full.transport.sendto(ByteBuffer.wrap(bytes("one")), receiver.address());
        full.transport.sendto(ByteBuffer.wrap(bytes("two")), receiver.address());
        full.channel.failure = new IOException("no");
        full.becomesWritable(9);
        assertEquals(List.of("made", "error"), full.protocol.log);
        full.becomesWritable(9);
        until(() -> receiver.senders.size() == 1);
        assertEquals(List.of("made", "got two"), receiver.log);
        assertFalse(full.watchesWriting);
      }
      receiver.end();
    });
  }

  @Test
  void abort_drops_what_waits_and_resumes_nobody() {
    run(() -> {
      var full = new StuffedEndpoint(new DatagramRecorder());
      full.transport.setWriteBufferLimits(new WriteBufferLimits(0, 0));
      full.transport.sendto(ByteBuffer.wrap(bytes("one")), full.protocol.address());
      full.transport.abort();
      full.transport.abort();
      assertEquals(0, full.transport.getWriteBufferSize());
      full.becomesWritable(9);
      full.protocol.lost().await();
      assertEquals(List.of("made", "pause", "lost"), full.protocol.log);
    });
  }

  @Test
  void sending_after_the_end_drops_the_datagram_and_warns_from_the_fifth_on() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.end();
      try (var warnings = new LoggedWarnings()) {
        for (int i = 0; i < 4; i++) {
          client.send("x");
        }
        assertEquals(List.of(), warnings.messages);
        client.send("x");
        client.send("x");
        assertEquals(2, warnings.messages.size());
        String warning = warnings.messages.getFirst();
        assertTrue(warning.startsWith("socket.send() raised exception: "), warning);
      }
      assertEquals(List.of("made", "lost"), client.log);
      server.end();
    });
  }

  @Test
  void an_error_that_is_none_of_the_network_is_reported_and_ends_the_endpoint() {
    run(() -> {
      var reports = reports();
      try (var full = new StuffedEndpoint(new DatagramRecorder())) {
        full.channel.bug = new IllegalStateException("a bug");
        full.transport.sendto(ByteBuffer.wrap(bytes("x")), full.protocol.address());
        assertInstanceOf(IllegalStateException.class, full.protocol.lost().await());
        assertEquals("Fatal write error on datagram transport", reports.getFirst().message());
      }
    });
  }

  @Test
  void another_protocol_may_take_over_if_it_is_of_the_kind() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      var next = new DatagramRecorder();
      server.transport().setProtocol(next);
      assertSame(next, server.transport().getProtocol());
      assertThrows(
          IllegalArgumentException.class, () -> server.transport().setProtocol(new Recorder()));
      server.send("x", server.address());
      until(() -> next.senders.size() == 1);
      server.transport().close();
      assertNull(next.lost().await());
    });
  }

  @Test
  void a_transport_reads_as_a_datagram_transport() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramTransport transport = server.transport();
      assertEquals(WriteBufferLimits.DEFAULT, transport.getWriteBufferLimits());
      assertEquals(0, transport.getWriteBufferSize());
      server.end();
      assertTrue(transport.isClosing());
    });
  }
}

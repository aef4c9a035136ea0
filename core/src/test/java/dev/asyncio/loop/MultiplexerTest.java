package dev.asyncio.loop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What both kinds of multiplexer do alike; each has a subclass. */
@Timeout(60)
abstract class MultiplexerTest {
  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;

  /** A new one of the kind. */
  abstract Multiplexer open() throws IOException;

  private @Nullable Multiplexer opened;
  private final List<SelectableChannel> channels = new ArrayList<>();

  @BeforeEach
  void open_one() throws IOException {
    opened = open();
  }

  @AfterEach
  void close_all() throws IOException {
    if (opened != null) {
      opened.close();
    }
    for (SelectableChannel channel : channels) {
      channel.close();
    }
  }

  private Multiplexer multiplexer() {
    return Objects.requireNonNull(opened);
  }

  /** The two ends of a connection. */
  private SocketChannel[] connection() throws IOException {
    try (var server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel client = SocketChannel.open(server.getLocalAddress());
      SocketChannel accepted = server.accept();
      client.configureBlocking(false);
      accepted.configureBlocking(false);
      channels.add(client);
      channels.add(accepted);
      return new SocketChannel[] {client, accepted};
    }
  }

  private SelectionKey wanting(SelectableChannel channel, int operations) throws IOException {
    SelectionKey key = multiplexer().keyOf(channel);
    key.attach("in use");
    key.interestOps(operations);
    return key;
  }

  private List<SelectionKey> selected(long nanos) throws IOException {
    List<SelectionKey> ready = new ArrayList<>();
    multiplexer().select(nanos, ready::add);
    return ready;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  @Test
  void a_channel_is_given_out_as_long_as_it_can_be_read() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey key = wanting(ends[1], READ);
    assertEquals(List.of(), selected(0));
    ends[0].write(bytes("ab"));
    for (int i = 0; i < 2; i++) { // again, since nobody has read
      assertEquals(List.of(key), selected(Long.MAX_VALUE));
      assertEquals(READ, key.readyOps());
    }
    assertEquals(2, multiplexer().read(key, ByteBuffer.allocate(8)));
    assertEquals(List.of(), selected(0));
  }

  @Test
  void what_is_wanted_may_change_from_one_to_the_other_and_to_nothing() throws IOException {
    SocketChannel[] ends = connection();
    ends[0].write(bytes("ab"));
    SelectionKey key = wanting(ends[1], READ | WRITE);
    assertEquals(List.of(key), selected(Long.MAX_VALUE));
    assertEquals(READ | WRITE, key.readyOps());
    key.interestOps(WRITE);
    assertEquals(List.of(key), selected(Long.MAX_VALUE));
    assertEquals(WRITE, key.readyOps());
    key.interestOps(0);
    assertEquals(List.of(), selected(0));
    key.interestOps(READ);
    assertEquals(List.of(key), selected(Long.MAX_VALUE));
  }

  @Test
  void a_broken_connection_is_ready_for_whatever_is_wanted() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey key = wanting(ends[1], WRITE);
    ends[0].setOption(StandardSocketOptions.SO_LINGER, 0).close();
    assertEquals(List.of(key), selected(Long.MAX_VALUE));
    assertEquals(WRITE, key.readyOps());
  }

  @Test
  void a_released_channel_is_not_given_out_and_may_be_asked_for_again() throws IOException {
    SocketChannel[] ends = connection();
    ends[0].write(bytes("ab"));
    SelectionKey key = wanting(ends[1], READ);
    assertEquals(List.of(key), selected(Long.MAX_VALUE));
    key.attach(null);
    multiplexer().release(key);
    assertEquals(List.of(), selected(0));
    SelectionKey again = wanting(ends[1], READ);
    assertEquals(List.of(again), selected(Long.MAX_VALUE));
    again.attach(null);
    multiplexer().release(again); // at once
    SelectionKey third = wanting(ends[1], READ);
    assertEquals(List.of(third), selected(Long.MAX_VALUE));
  }

  @Test
  void an_ended_channel_is_not_given_out() throws IOException {
    SocketChannel[] ends = connection();
    ends[0].write(bytes("ab"));
    SelectionKey key = wanting(ends[1], READ);
    assertEquals(List.of(key), selected(Long.MAX_VALUE));
    multiplexer().end(key);
    assertEquals(List.of(), selected(0));
    assertTrue(!key.isValid());
  }

  /** The system gives the lowest number that is free, so the second pair has those of the first. */
  @Test
  void a_channel_with_the_number_of_a_closed_one_is_another() throws IOException {
    for (int round = 0; round < 50; round++) {
      SocketChannel[] before = connection();
      before[0].write(bytes("ab"));
      SelectionKey old = wanting(before[1], READ);
      if (round % 2 == 0) {
        assertEquals(List.of(old), selected(Long.MAX_VALUE));
      }
      old.interestOps(READ | WRITE); // which nobody has told the system
      before[0].close();
      before[1].close();
      SocketChannel[] after = connection();
      SelectionKey key = wanting(after[1], READ);
      assertNotSame(old, key);
      assertTrue(!old.isValid());
      assertEquals(List.of(), selected(0));
      after[0].write(bytes("ab"));
      assertEquals(List.of(key), selected(Long.MAX_VALUE));
      after[0].close();
      after[1].close();
    }
  }

  @Test
  void what_is_wanted_of_a_channel_that_was_closed_since_is_passed_over() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey known = wanting(ends[0], READ);
    assertEquals(List.of(), selected(0));
    known.interestOps(READ | WRITE);
    wanting(ends[1], READ); // of which the system has not heard at all
    ends[0].close();
    ends[1].close();
    assertEquals(List.of(), selected(0));
    assertEquals(List.of(), selected(0));
  }

  @Test
  void a_closed_or_blocking_channel_is_refused() throws IOException {
    SocketChannel[] ends = connection();
    ends[0].configureBlocking(true);
    assertThrows(IllegalBlockingModeException.class, () -> multiplexer().keyOf(ends[0]));
    ends[1].close();
    assertThrows(ClosedChannelException.class, () -> multiplexer().keyOf(ends[1]));
    assertNull(multiplexer().keyFor(ends[0]));
  }

  @Test
  void a_wake_up_ends_the_next_wait_or_the_present_one() throws Exception {
    multiplexer().wakeUp();
    assertEquals(List.of(), selected(Long.MAX_VALUE));
    for (int i = 0; i < 200; i++) {
      Thread waker = Thread.startVirtualThread(multiplexer()::wakeUp);
      assertEquals(List.of(), selected(Long.MAX_VALUE));
      waker.join();
    }
  }

  @Test
  void a_wake_up_after_the_end_does_nothing() throws IOException {
    multiplexer().close();
    multiplexer().wakeUp();
    multiplexer().close();
  }

  @Test
  void bytes_of_every_kind_of_buffer_go_from_and_to_their_positions() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey from = multiplexer().keyOf(ends[0]);
    SelectionKey to = multiplexer().keyOf(ends[1]);
    ByteBuffer direct = ByteBuffer.allocateDirect(6).put(bytes("abcdef")).position(1).limit(5);
    ByteBuffer slice = bytes("abcdefgh").slice(2, 6).position(1).limit(5);
    for (ByteBuffer source :
        List.of(
            bytes("abcdef").position(1).limit(5),
            bytes("abcdef").asReadOnlyBuffer().position(1).limit(5),
            slice,
            direct,
            direct.asReadOnlyBuffer())) {
      ByteBuffer copy = source.duplicate();
      byte[] expected = new byte[4];
      copy.get(expected);
      for (ByteBuffer target : List.of(ByteBuffer.allocate(9), ByteBuffer.allocateDirect(9))) {
        ByteBuffer again = source.duplicate();
        assertEquals(4, multiplexer().write(from, again));
        assertEquals(0, again.remaining());
        target.position(3);
        assertEquals(4, multiplexer().read(to, target));
        assertEquals(7, target.position());
        byte[] got = new byte[4];
        target.get(3, got);
        assertEquals(new String(expected, US_ASCII), new String(got, US_ASCII));
      }
    }
  }

  @Test
  void nothing_to_read_is_nothing_and_the_end_is_the_end() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey key = multiplexer().keyOf(ends[1]);
    assertEquals(0, multiplexer().read(key, ByteBuffer.allocate(8)));
    ends[0].shutdownOutput();
    assertEquals(-1, multiplexer().read(key, ByteBuffer.allocate(8)));
    assertEquals(0, multiplexer().read(key, ByteBuffer.allocate(0)));
  }

  @Test
  void what_is_not_taken_stays_in_the_buffer() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey key = multiplexer().keyOf(ends[0]);
    ByteBuffer data = ByteBuffer.allocate(1 << 24);
    int taken = multiplexer().write(key, data);
    assertTrue(taken > 0 && taken < data.capacity(), () -> taken + " bytes");
    assertEquals(taken, data.position());
    while (data.hasRemaining() && multiplexer().write(key, data) > 0) {
      // the system moves some on to the other end
    }
    assertEquals(0, multiplexer().write(key, data));
  }

  @Test
  void a_reset_is_the_exception_that_the_jdk_has_for_it() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey key = multiplexer().keyOf(ends[1]);
    ends[0].setOption(StandardSocketOptions.SO_LINGER, 0).close();
    var reset =
        assertThrows(SocketException.class, () -> multiplexer().read(key, ByteBuffer.allocate(8)));
    assertEquals("Connection reset", reset.getMessage());
    var broken = assertThrows(IOException.class, () -> multiplexer().write(key, bytes("ab")));
    assertEquals("Broken pipe", broken.getMessage());
  }

  @Test
  void a_closed_channel_is_neither_read_nor_written() throws IOException {
    SocketChannel[] ends = connection();
    SelectionKey key = multiplexer().keyOf(ends[1]);
    ends[1].close();
    assertThrows(
        ClosedChannelException.class, () -> multiplexer().read(key, ByteBuffer.allocate(8)));
    assertThrows(ClosedChannelException.class, () -> multiplexer().write(key, bytes("ab")));
  }

  @Test
  void many_channels_may_be_ready_at_once() throws IOException {
    List<SelectionKey> keys = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      SocketChannel[] ends = connection();
      keys.add(wanting(ends[1], WRITE));
    }
    assertEquals(300, selected(Long.MAX_VALUE).size());
    int known = 0;
    for (SelectionKey key : multiplexer().keys()) {
      assertTrue(keys.contains(key));
      known++;
    }
    assertEquals(300, known);
  }
}

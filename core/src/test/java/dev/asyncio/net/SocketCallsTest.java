package dev.asyncio.net;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.SendfileNotAvailableException;
import dev.asyncio.SendfileOptions;
import dev.asyncio.SocketOperations.Accepted;
import dev.asyncio.SocketOperations.Datagram;
import dev.asyncio.SocketOperations.Received;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program's own sockets. */
@Timeout(60)
class SocketCallsTest {
  private static final int MORE_THAN_THE_SYSTEM_TAKES = 16 * 1024 * 1024;

  private static AbstractEventLoop loop() {
    return Asyncio.runningLoop();
  }

  private static ServerSocketChannel listening() throws IOException {
    var server = ServerSocketChannel.open().bind(new InetSocketAddress(Loopback.HOST, 0));
    server.configureBlocking(false);
    return server;
  }

  private static DatagramChannel datagrams() throws IOException {
    var channel = DatagramChannel.open().bind(new InetSocketAddress(Loopback.HOST, 0));
    channel.configureBlocking(false);
    return channel;
  }

  /** Two ends of a connection, both made by the calls under test. */
  record Pair(SocketChannel near, SocketChannel far) implements AutoCloseable {
    static Pair open() throws IOException {
      try (var server = listening()) {
        var accepting = Asyncio.createTask(loop().sockAccept(server));
        var near = SocketChannel.open();
        near.configureBlocking(false);
        loop().sockConnect(near, server.getLocalAddress()).await();
        Accepted accepted = accepting.await();
        assertEquals(near.getLocalAddress(), accepted.peer());
        assertFalse(accepted.socket().isBlocking());
        return new Pair(near, accepted.socket());
      }
    }

    @Override
    public void close() throws IOException {
      near.close();
      far.close();
    }
  }

  private static byte[] noise(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] data = new byte[buffer.remaining()];
    buffer.get(data);
    return data;
  }

  private static byte[] receiveAll(SocketChannel from) {
    var all = new ByteArrayOutputStream();
    ByteBuffer some;
    while ((some = loop().sockRecv(from, 100_000).await()).hasRemaining()) {
      all.writeBytes(array(some));
    }
    return all.toByteArray();
  }

  // ---- streams

  @Test
  void what_is_there_is_received_without_suspending_and_else_awaited() {
    run(() -> {
      try (var pair = Pair.open()) {
        var early = Asyncio.createTask(loop().sockRecv(pair.near(), 100));
        ticks(2);
        assertFalse(early.done());
        loop().sockSendall(pair.far(), ByteBuffer.wrap(bytes("hello"))).await();
        assertArrayEquals(bytes("hello"), array(early.await()));
        loop().sockSendall(pair.far(), ByteBuffer.wrap(bytes("world"))).await();
        var selected = Asyncio.createTask(loop().sockRecv(pair.near(), 2));
        ticks(1);
        assertTrue(selected.done(), "in its first step");
        assertArrayEquals(bytes("wo"), array(selected.result()));
        assertEquals(0, loop().sockRecv(pair.near(), 0).await().remaining());
        ByteBuffer into = ByteBuffer.allocate(10).position(4);
        assertEquals(3, loop().sockRecvInto(pair.near(), into).await());
        assertEquals(7, into.position());
        assertArrayEquals(bytes("rld"), Arrays.copyOfRange(into.array(), 4, 7));
        assertEquals(0, loop().sockRecvInto(pair.near(), into.limit(7)).await(), "no room");

        var waiting = Asyncio.createTask(loop().sockRecvInto(pair.near(), into.clear()));
        ticks(2);
        pair.far().close();
        assertEquals(0, waiting.await(), "the end");
        assertEquals(0, loop().sockRecv(pair.near(), 9).await().remaining(), "still the end");
      }
    });
  }

  @Test
  void all_is_sent_however_slowly_it_is_received() {
    run(() -> {
      try (var pair = Pair.open()) {
        byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
        ByteBuffer buffer = ByteBuffer.wrap(data);
        var sending = Asyncio.createTask(loop().sockSendall(pair.near(), buffer));
        ticks(5);
        assertFalse(sending.done());
        start(() -> {
          sending.await();
          pair.near().shutdownOutput();
        });
        assertArrayEquals(data, receiveAll(pair.far()));
        assertFalse(buffer.hasRemaining());
      }
    });
  }

  @Test
  void both_directions_are_awaited_at_once() {
    run(() -> {
      try (var pair = Pair.open()) {
        var receiving = Asyncio.createTask(loop().sockRecv(pair.near(), 10));
        ByteBuffer much = ByteBuffer.wrap(noise(MORE_THAN_THE_SYSTEM_TAKES));
        var sending = Asyncio.createTask(loop().sockSendall(pair.near(), much));
        ticks(3);
        assertFalse(receiving.done() || sending.done());
        loop().sockSendall(pair.far(), ByteBuffer.wrap(bytes("x"))).await();
        assertArrayEquals(bytes("x"), array(receiving.await()));
        ByteBuffer sink = ByteBuffer.allocateDirect(1 << 20);
        while (!sending.done()) {
          loop().sockRecvInto(pair.far(), sink.clear()).await();
        }
        sending.await();
      }
    });
  }

  @Test
  void a_cancelled_call_leaves_nothing_behind_and_loses_nothing() {
    run(() -> {
      try (var pair = Pair.open();
          var full = Pair.open();
          var server = listening();
          var datagrams = datagrams()) {
        var waiting = Asyncio.createTask(loop().sockRecv(pair.near(), 10));
        var into = Asyncio.createTask(loop().sockRecvInto(pair.far(), ByteBuffer.allocate(1)));
        var accepting = Asyncio.createTask(loop().sockAccept(server));
        var receiving = Asyncio.createTask(loop().sockRecvfrom(datagrams, 10));
        ByteBuffer much = ByteBuffer.wrap(noise(MORE_THAN_THE_SYSTEM_TAKES));
        var sending = Asyncio.createTask(loop().sockSendall(full.near(), much));
        ticks(3);
        for (var task : List.of(waiting, into, accepting, receiving, sending)) {
          task.cancel();
          assertThrows(CancelledError.class, task::await);
        }
        assertFalse(loop().removeReader(pair.near()));
        assertFalse(loop().removeReader(pair.far()));
        assertFalse(loop().removeReader(server));
        assertFalse(loop().removeReader(datagrams));
        assertFalse(loop().removeWriter(full.near()));
        assertTrue(much.position() > 0 && much.hasRemaining());
        loop().sockSendall(pair.far(), ByteBuffer.wrap(bytes("kept"))).await();
        assertArrayEquals(bytes("kept"), array(loop().sockRecv(pair.near(), 10).await()));
      }
    });
  }

  @Test
  void a_second_call_for_the_same_direction_takes_the_place_of_the_first() {
    run(() -> {
      try (var pair = Pair.open()) {
        var first = Asyncio.createTask(loop().sockRecv(pair.near(), 10));
        var second = Asyncio.createTask(loop().sockRecv(pair.near(), 10));
        ticks(2);
        first.cancel();
        ticks(2);
        assertTrue(first.cancelled());
        loop().sockSendall(pair.far(), ByteBuffer.wrap(bytes("x"))).await();
        assertArrayEquals(bytes("x"), array(second.await()), "the first's end leaves it alone");
      }
    });
  }

  @Test
  void a_refused_connect_names_the_address() {
    run(() -> {
      InetSocketAddress gone;
      try (var server = listening()) {
        gone = (InetSocketAddress) server.getLocalAddress();
      }
      try (var sock = SocketChannel.open()) {
        sock.configureBlocking(false);
        var exc =
            assertThrows(ConnectException.class, () -> loop().sockConnect(sock, gone).await());
        assertTrue(
            exc.getMessage().startsWith("Connect call failed 127.0.0.1:" + gone.getPort()),
            exc.getMessage());
      }
    });
  }

  @Test
  void a_cancelled_connect_is_watched_no_more() {
    run(() -> {
      try (var hole = new BlackHole();
          var sock = SocketChannel.open()) {
        sock.configureBlocking(false);
        var connecting = Asyncio.createTask(loop().sockConnect(sock, hole.address()));
        ticks(3);
        assertTrue(sock.isConnectionPending());
        connecting.cancel();
        assertThrows(CancelledError.class, connecting::await);
        assertFalse(loop().removeWriter(sock));
      }
    });
  }

  @Test
  void a_name_is_looked_up_before_connecting() {
    run(() -> {
      try (var server = listening();
          var sock = SocketChannel.open()) {
        sock.configureBlocking(false);
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        loop().sockConnect(sock, InetSocketAddress.createUnresolved(Loopback.HOST, port)).await();
        assertTrue(sock.isConnected());
        loop().sockAccept(server).await().socket().close();
      }
    });
  }

  @Test
  void a_reset_is_an_error_of_the_waiting_call() {
    run(() -> {
      try (var pair = Pair.open()) {
        var waiting = Asyncio.createTask(loop().sockRecv(pair.near(), 10));
        ticks(2);
        pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
        pair.far().close();
        assertThrows(IOException.class, waiting::await);
      }
    });
  }

  // ---- datagrams

  @Test
  void datagrams_go_both_ways_and_are_cut_to_size() {
    run(() -> {
      try (var near = datagrams();
          var far = datagrams()) {
        var waiting = Asyncio.createTask(loop().sockRecvfrom(near, 100));
        ticks(2);
        assertFalse(waiting.done());
        ByteBuffer hello = ByteBuffer.wrap(bytes("hello"));
        assertEquals(5, loop().sockSendto(far, hello, near.getLocalAddress()).await());
        Datagram got = waiting.await();
        assertArrayEquals(bytes("hello"), array(got.data()));
        assertEquals(far.getLocalAddress(), got.sender());

        loop().sockSendto(far, hello.rewind(), near.getLocalAddress()).await();
        assertArrayEquals(bytes("he"), array(loop().sockRecvfrom(near, 2).await().data()));
        ByteBuffer empty = ByteBuffer.allocate(0);
        assertEquals(0, loop().sockSendto(far, empty, near.getLocalAddress()).await());
        ByteBuffer into = ByteBuffer.allocate(3);
        assertEquals(
            new Received(0, far.getLocalAddress()), loop().sockRecvfromInto(near, into).await());
        loop().sockSendto(far, hello.rewind(), near.getLocalAddress()).await();
        assertEquals(3, loop().sockRecvfromInto(near, into).await().count());
        assertArrayEquals(bytes("hel"), into.array());
      }
    });
  }

  // ---- files

  @Test
  void a_file_is_sent_over_a_socket(@TempDir Path folder) throws IOException {
    byte[] data = noise(MORE_THAN_THE_SYSTEM_TAKES);
    Path path = Files.write(folder.resolve("file"), data);
    run(() -> {
      try (var pair = Pair.open();
          var file = FileChannel.open(path)) {
        var sending =
            Asyncio.createTask(
                loop().sockSendfile(pair.near(), file, SendfileOptions.defaults().offset(1000)));
        ticks(5);
        assertFalse(sending.done());
        start(() -> {
          sending.await();
          pair.near().shutdownOutput();
        });
        assertArrayEquals(Arrays.copyOfRange(data, 1000, data.length), receiveAll(pair.far()));
        assertEquals(data.length - 1000L, sending.await());
        assertEquals(data.length, file.position());
      }
    });
  }

  @Test
  void a_file_of_another_kind_is_read_and_sent_unless_that_is_refused(@TempDir Path folder)
      throws IOException {
    byte[] data = noise(100_000);
    Path path = Files.write(folder.resolve("file"), data);
    run(() -> {
      try (var pair = Pair.open();
          var file = new ForeignFile(FileChannel.open(path, StandardOpenOption.READ))) {
        var part = SendfileOptions.defaults().offset(10).count(50_000L);
        var exc =
            assertThrows(
                SendfileNotAvailableException.class,
                () -> loop().sockSendfile(pair.near(), file, part.fallback(false)).await());
        assertTrue(exc.getMessage().contains("syscall sendfile is not available for socket"));
        byte[][] received = new byte[1][];
        var receiving = start(() -> received[0] = receiveAll(pair.far()));
        assertEquals(50_000, loop().sockSendfile(pair.near(), file, part).await());
        assertEquals(50_010, file.position());
        pair.near().shutdownOutput();
        receiving.await();
        assertArrayEquals(Arrays.copyOfRange(data, 10, 50_010), received[0]);
      }
    });
  }
}

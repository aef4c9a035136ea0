package dev.asyncio.net;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.ConnectOptions;
import dev.asyncio.ContextVar;
import dev.asyncio.Future;
import dev.asyncio.Handle;
import dev.asyncio.loop.SelectorEventLoop;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program that watches its own channels. */
@Timeout(60)
class OwnChannelsTest {
  private final List<String> log = new ArrayList<>();

  private static AbstractEventLoop loop() {
    return Asyncio.runningLoop();
  }

  private static Pipe pipe() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
    return pipe;
  }

  private static void close(Pipe pipe) throws IOException {
    pipe.source().close();
    pipe.sink().close();
  }

  private static ServerSocketChannel listening() throws IOException {
    var server = ServerSocketChannel.open().bind(new InetSocketAddress(Loopback.HOST, 0));
    server.configureBlocking(false);
    return server;
  }

  private static void drain(Pipe pipe) {
    try {
      pipe.source().read(ByteBuffer.allocate(100));
    } catch (IOException exc) {
      throw new AssertionError(exc);
    }
  }

  @Test
  void what_an_event_wakes_runs_before_hundreds_of_others_that_came_with_it() {
    run(() -> {
      List<Pipe> pipes = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Pipe pipe = pipe();
        pipes.add(pipe);
        pipe.sink().write(ByteBuffer.wrap(bytes("x")));
        loop()
            .addReader(
                pipe.source(),
                () -> {
                  loop().removeReader(pipe.source());
                  log.add("event");
                  loop().callSoon(() -> log.add("woken"));
                });
      }
      until(() -> log.size() == 2 * pipes.size());
      assertEquals(pipes.size(), log.stream().filter("event"::equals).count(), "each once");
      assertTrue(log.indexOf("woken") <= 20, log::toString);
      assertEquals("event", log.get(log.indexOf("woken") - 1));
      for (Pipe pipe : pipes) {
        close(pipe);
      }
    });
  }

  @Test
  void a_reader_is_called_whenever_there_is_something_to_read_until_it_is_removed() {
    run(() -> {
      Pipe pipe = pipe();
      var name = new ContextVar<String>("name");
      name.set("mine");
      Handle reader =
          loop()
              .addReader(
                  pipe.source(),
                  () -> {
                    log.add("ready, " + name.get());
                    drain(pipe);
                  });
      name.set("changed");
      ticks(3);
      assertEquals(List.of(), log);
      pipe.sink().write(ByteBuffer.wrap(bytes("x")));
      until(() -> !log.isEmpty());
      pipe.sink().write(ByteBuffer.wrap(bytes("y")));
      until(() -> log.size() == 2);
      assertEquals(List.of("ready, mine", "ready, mine"), log);
      assertTrue(loop().removeReader(pipe.source()));
      assertTrue(reader.cancelled());
      assertFalse(loop().removeReader(pipe.source()));
      pipe.sink().write(ByteBuffer.wrap(bytes("z")));
      ticks(3);
      assertEquals(2, log.size());
      close(pipe);
    });
  }

  @Test
  void another_callback_takes_the_place_of_the_one_before() {
    run(() -> {
      Pipe pipe = pipe();
      pipe.sink().write(ByteBuffer.wrap(bytes("x")));
      Handle first = loop().addReader(pipe.source(), () -> log.add("first"));
      Future<@Nullable Void> called = loop().createFuture();
      loop()
          .addReader(
              pipe.source(),
              () -> {
                log.add("second");
                drain(pipe);
                called.setResult(null);
              });
      assertTrue(first.cancelled());
      called.await();
      assertEquals(List.of("second"), log);
      close(pipe);
    });
  }

  @Test
  void a_callback_removed_between_the_poll_and_its_turn_is_not_called() {
    run(() -> {
      Pipe first = pipe();
      Pipe second = pipe();
      for (Pipe pipe : List.of(first, second)) {
        Pipe other = pipe == first ? second : first;
        loop()
            .addReader(
                pipe.source(),
                () -> {
                  log.add("called");
                  loop().removeReader(other.source());
                  loop().removeReader(pipe.source());
                });
        pipe.sink().write(ByteBuffer.wrap(bytes("x")));
      }
      ticks(5);
      assertEquals(List.of("called"), log, "the other one was ready as well");
      close(first);
      close(second);
    });
  }

  @Test
  void a_channel_is_watched_for_both_directions_by_different_calls() {
    run(() -> {
      try (var near = DatagramChannel.open().bind(new InetSocketAddress(Loopback.HOST, 0))) {
        near.configureBlocking(false);
        loop()
            .addReader(
                near,
                () -> {
                  log.add("readable");
                  loop().removeReader(near);
                });
        loop()
            .addWriter(
                near,
                () -> {
                  log.add("writable");
                  loop().removeWriter(near);
                });
        until(() -> log.contains("writable"));
        ticks(2);
        assertEquals(List.of("writable"), log);
        near.send(ByteBuffer.wrap(bytes("x")), near.getLocalAddress());
        until(() -> log.contains("readable"));
        assertFalse(loop().removeReader(near) || loop().removeWriter(near));
      }
    });
  }

  @Test
  void a_writer_hears_of_a_connects_end_and_then_of_room_without_spinning() {
    run(() -> {
      try (var server = listening();
          var client = SocketChannel.open()) {
        client.configureBlocking(false);
        client.connect(server.getLocalAddress());
        loop().addReader(server, () -> log.add("connection"));
        loop()
            .addWriter(
                client,
                () -> {
                  log.add("writable");
                  try {
                    client.finishConnect();
                  } catch (IOException exc) {
                    throw new AssertionError(exc);
                  }
                });
        until(() -> log.contains("connection") && log.contains("writable"));
        log.clear();
        until(() -> log.stream().filter("writable"::equals).count() > 3);
        assertTrue(client.isConnected());
        loop().removeWriter(client);
        loop().removeReader(server);
      }
    });
  }

  @Test
  void a_failing_callback_is_reported_and_stays() {
    run(() -> {
      var reports = Loopback.reports();
      Pipe pipe = pipe();
      pipe.sink().write(ByteBuffer.wrap(bytes("x")));
      loop()
          .addReader(
              pipe.source(),
              () -> {
                log.add("called");
                throw new IllegalStateException("of the test");
              });
      until(() -> reports.size() == 2);
      assertTrue(loop().removeReader(pipe.source()));
      close(pipe);
    });
  }

  @Test
  void what_cannot_be_watched_is_refused() {
    run(() -> {
      try (var blocking = DatagramChannel.open()) {
        var exc =
            assertThrows(
                IllegalArgumentException.class, () -> loop().addReader(blocking, () -> {}));
        assertTrue(exc.getMessage().contains("configureBlocking(false)"), exc.getMessage());
      }
      Pipe closed = pipe();
      close(closed);
      var exc =
          assertThrows(
              IllegalArgumentException.class, () -> loop().addReader(closed.source(), () -> {}));
      assertTrue(exc.getMessage().startsWith("Invalid channel"), exc.getMessage());
      assertFalse(loop().removeReader(closed.source()));
    });
  }

  @Test
  void files_cannot_be_watched() throws IOException {
    assertFalse(
        SelectableChannel.class.isAssignableFrom(FileChannel.class), "so it does not compile");
    Path file = Files.createTempFile("watched", "");
    try (var channel = FileChannel.open(file)) {
      assertFalse(((Channel) channel) instanceof SelectableChannel);
    }
    Files.delete(file);
  }

  @Test
  void a_closed_channel_is_forgotten() {
    run(() -> {
      Pipe pipe = pipe();
      loop().addReader(pipe.source(), () -> log.add("called"));
      close(pipe);
      ticks(3);
      assertFalse(loop().removeReader(pipe.source()));
      assertEquals(List.of(), log);
    });
  }

  @Test
  void the_programs_channels_stay_open_when_the_loop_closes() throws IOException {
    Pipe pipe = pipe();
    run(() -> loop().addReader(pipe.source(), () -> {}));
    assertTrue(pipe.source().isOpen());
    close(pipe);
    var closed = new SelectorEventLoop();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.addReader(pipe.source(), () -> {}));
    assertFalse(closed.removeReader(pipe.source()));
  }

  @Test
  void blocking_sockets_are_refused_in_debug_mode_and_without() {
    run(() -> {
      for (boolean debug : new boolean[] {false, true}) {
        loop().setDebug(debug);
        try (var stream = SocketChannel.open();
            var server = ServerSocketChannel.open();
            var datagrams = DatagramChannel.open()) {
          ByteBuffer buffer = ByteBuffer.allocate(1);
          var address = new InetSocketAddress(Loopback.HOST, 1);
          for (var call :
              List.of(
                  loop().sockRecv(stream, 1),
                  loop().sockRecvInto(stream, buffer),
                  loop().sockSendall(stream, buffer),
                  loop().sockConnect(stream, address),
                  loop().sockAccept(server),
                  loop().sockRecvfrom(datagrams, 1),
                  loop().sockRecvfromInto(datagrams, buffer),
                  loop().sockSendto(datagrams, buffer, address))) {
            var exc = assertThrows(IllegalArgumentException.class, call::await);
            assertTrue(
                exc.getMessage().startsWith("the socket must be non-blocking"), exc.getMessage());
          }
        }
      }
    });
  }

  @Test
  void a_channel_that_a_transport_has_is_refused_naming_it() {
    run(() -> {
      try (var server = listening()) {
        var sock = SocketChannel.open(server.getLocalAddress());
        Transport transport =
            loop()
                .createConnection(Recorder::new, null, 0, ConnectOptions.defaults().sock(sock))
                .await()
                .transport();
        for (Runnable use :
            List.<Runnable>of(
                () -> loop().addReader(sock, () -> {}),
                () -> loop().addWriter(sock, () -> {}),
                () -> loop().removeReader(sock),
                () -> loop().removeWriter(sock),
                () -> loop().sockRecv(sock, 10).await())) {
          var exc = assertThrows(IllegalStateException.class, use::run);
          assertTrue(
              exc.getMessage()
                  .startsWith("File descriptor " + sock + " is used by transport " + transport),
              exc.getMessage());
        }
        transport.pauseReading();
        assertThrows(IllegalStateException.class, () -> loop().addReader(sock, () -> {}));
        transport.abort();
      }
    });
  }

  @Test
  void a_channel_that_is_no_longer_watched_can_become_a_transport() {
    run(() -> {
      try (var server = listening()) {
        var client = SocketChannel.open();
        client.configureBlocking(false);
        loop().sockConnect(client, server.getLocalAddress()).await();
        SocketChannel accepted = loop().sockAccept(server).await().socket();
        loop().addReader(accepted, () -> {});
        var owned =
            assertThrows(
                IllegalStateException.class,
                () -> loop().connectAcceptedSocket(Recorder::new, accepted).await());
        assertTrue(owned.getMessage().contains("is watched already"), owned.getMessage());
        assertFalse(accepted.isOpen(), "a failed take-over closes it, as ever");

        var other = SocketChannel.open();
        other.configureBlocking(false);
        loop().sockConnect(other, server.getLocalAddress()).await();
        SocketChannel next = loop().sockAccept(server).await().socket();
        loop().addReader(next, () -> {});
        loop().removeReader(next);
        var connected = loop().connectAcceptedSocket(Recorder::new, next).await();
        assertSame(connected.transport(), connected.protocol().transport());
        loop().sockSendall(other, ByteBuffer.wrap(bytes("hello"))).await();
        until(() -> connected.protocol().receivedText().equals("hello"));
        other.close();
        connected.protocol().lost().await();
        assertFalse(next.isOpen());
        client.close();
      }
      try (var idle = SocketChannel.open()) {
        assertThrows(
            IllegalArgumentException.class,
            () -> loop().connectAcceptedSocket(Recorder::new, idle).await());
      }
    });
  }
}

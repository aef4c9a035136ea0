package dev.asyncio.net;

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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Action;
import dev.asyncio.Asyncio;
import dev.asyncio.Awaitable;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.Task;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stream sockets with a path for a name. */
@Timeout(60)
class UnixSocketTest {
  @TempDir Path folder;

  private Path path() {
    return folder.resolve("s");
  }

  private static boolean isThere(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static Server serve(Path path) {
    return Asyncio.startUnixServer(UnixSocketTest::echo, path).await();
  }

  private static Server serve(@Nullable Path path, ServerOptions options) {
    return Asyncio.startUnixServer(UnixSocketTest::echo, path, options, StreamOptions.defaults())
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

  private static <E extends Exception> E fails(Class<E> kind, Awaitable<?> call) {
    try {
      call.await(kind);
    } catch (Exception exc) {
      return assertInstanceOf(kind, exc);
    }
    throw new AssertionError("no error");
  }

  // --- talking

  @Test
  void a_stream_carries_data_both_ways_and_ends() {
    run(() -> {
      Server server = serve(path());
      byte[] data = new byte[3_000_000];
      new Random(1).nextBytes(data);
      try (Connection client = Asyncio.openUnixConnection(path()).await()) {
        client.writer().write(data);
        client.writer().writeEof();
        assertArrayEquals(data, client.reader().read().await());
      }
      stop(server);
      assertFalse(isThere(path()));
    });
  }

  @Test
  void extra_info_tells_of_both_ends() {
    run(() -> {
      var accepted = Asyncio.runningLoop().<Recorder>createFuture();
      Server server =
          Asyncio.runningLoop()
              .createUnixServer(
                  () -> {
                    var protocol = new Recorder();
                    accepted.setResult(protocol);
                    return protocol;
                  },
                  path(),
                  ServerOptions.defaults())
              .await();
      var client =
          Asyncio.runningLoop()
              .createUnixConnection(Recorder::new, path(), ConnectOptions.defaults())
              .await();
      Recorder peer = accepted.await();
      ticks(2);
      var name = UnixDomainSocketAddress.of(path());
      var unnamed = UnixDomainSocketAddress.of("");
      assertEquals(name, client.transport().getExtraInfo("peername"));
      assertEquals(unnamed, client.transport().getExtraInfo("sockname"));
      assertEquals(name, peer.transport().getExtraInfo("sockname"));
      assertEquals(unnamed, peer.transport().getExtraInfo("peername"));
      var socket =
          assertInstanceOf(TransportSocket.class, client.transport().getExtraInfo("socket"));
      assertEquals(StandardProtocolFamily.UNIX, socket.family());
      assertEquals(name, server.sockets().getFirst().getSockName());
      client.transport().close();
      assertNull(peer.lost().await());
      stop(server);
    });
  }

  @Test
  void a_peer_that_dies_is_noticed() {
    run(() -> {
      var accepted = Asyncio.runningLoop().<Recorder>createFuture();
      Server server =
          Asyncio.runningLoop()
              .createUnixServer(
                  () -> {
                    var protocol = new Recorder();
                    accepted.setResult(protocol);
                    return protocol;
                  },
                  path(),
                  ServerOptions.defaults())
              .await();
      SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path()));
      Recorder protocol = accepted.await();
      ticks(2);
      // Data that the peer never reads: the system resets the connection when it is closed.
      protocol.transport().write(ByteBuffer.allocate(10_000_000));
      peer.close();
      assertInstanceOf(IOException.class, protocol.lost().await());
      assertEquals(0, protocol.transport().getWriteBufferSize());
      stop(server);
    });
  }

  @Test
  void a_peer_that_does_not_read_pauses_the_protocol_and_then_gets_everything() {
    run(() -> {
      var accepted = Asyncio.runningLoop().<Recorder>createFuture();
      Server server =
          Asyncio.runningLoop()
              .createUnixServer(
                  () -> {
                    var protocol = new Recorder();
                    accepted.setResult(protocol);
                    return protocol;
                  },
                  path(),
                  ServerOptions.defaults())
              .await();
      byte[] data = new byte[10_000_000];
      new Random(3).nextBytes(data);
      try (Connection client = Asyncio.openUnixConnection(path()).await()) {
        Recorder protocol = accepted.await();
        ticks(2);
        protocol.transport().write(ByteBuffer.wrap(data));
        assertTrue(protocol.log().contains("pause"), "" + protocol.log());
        protocol.transport().close();
        assertArrayEquals(data, client.reader().read().await());
        assertNull(protocol.lost().await());
        assertEquals(List.of("made", "pause", "resume", "lost"), protocol.log());
      }
      stop(server);
    });
  }

  @Test
  void a_server_closes_and_aborts_its_clients() {
    run(() -> {
      Server server = serve(path());
      Connection orderly = Asyncio.openUnixConnection(path()).await();
      orderly.writer().write(bytes("x"));
      assertEquals("x", text(orderly.reader().readExactly(1).await()));
      server.close();
      assertFalse(isThere(path()), "no new client finds it");
      server.abortClients();
      server.waitClosed().await();
      assertEquals(0, orderly.reader().read().await().length);
      orderly.close();
    });
  }

  @Test
  void clients_that_break_off_anywhere_leave_nothing_behind() {
    run(() -> {
      var reports = reports();
      Server server = serve(path());
      ticks(2);
      long before = Descriptors.open();
      byte[] data = new byte[65_536];
      new Random(5).nextBytes(data);
      List<Task<?>> clients = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int breakOff = i * 331 % data.length;
        clients.add(
            start(() -> {
              try (Connection client = Asyncio.openUnixConnection(path()).await()) {
                client.writer().write(data);
                byte[] back = client.reader().readExactly(breakOff).await();
                assertArrayEquals(Arrays.copyOf(data, breakOff), back);
                client.writer().transport().abort();
              }
            }));
      }
      for (Task<?> client : clients) {
        client.await();
      }
      until(() -> Descriptors.open() <= before);
      // The echoing handlers may have heard of it, as of nothing else.
      for (var report : reports) {
        assertInstanceOf(IOException.class, report.exception());
      }
      stop(server);
    });
  }

  // --- the socket file

  @Test
  void a_stale_socket_file_is_replaced() {
    run(() -> {
      try (var old = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        old.bind(UnixDomainSocketAddress.of(path()));
      }
      assertTrue(isThere(path()));
      Server server = serve(path());
      Asyncio.openUnixConnection(path()).await().close();
      stop(server);
    });
  }

  @Test
  void a_socket_in_use_is_replaced_as_well_and_not_removed_by_its_owner() {
    run(() -> {
      Server first = serve(path());
      Server second = serve(path());
      stop(first);
      assertTrue(isThere(path()), "it is the second one's file now");
      Asyncio.openUnixConnection(path()).await().close();
      stop(second);
      assertFalse(isThere(path()));
    });
  }

  @Test
  void another_kind_of_file_is_left_alone() {
    run(() -> {
      Files.writeString(path(), "precious");
      var exc = fails(BindException.class, Asyncio.startUnixServer((r, w) -> {}, path()));
      assertEquals("Address '" + path() + "' is already in use", exc.getMessage());
      assertEquals("precious", Files.readString(path()));
      Path inside = path().resolve("x");
      assertNotNull(fails(IOException.class, Asyncio.startUnixServer((r, w) -> {}, inside)));
    });
  }

  @Test
  void the_file_stays_where_it_shall() {
    run(() -> {
      stop(serve(path(), ServerOptions.defaults().cleanupSocket(false)));
      assertTrue(isThere(path()));
    });
  }

  @Test
  void a_file_that_is_gone_already_is_no_error() {
    run(() -> {
      Server server = serve(path());
      Files.delete(path());
      stop(server);
    });
  }

  @Test
  void a_path_that_is_too_long_or_empty_or_nowhere_is_refused_by_name() {
    run(() -> {
      Path lengthy = folder.resolve("x".repeat(120));
      var tooLong = fails(IOException.class, Asyncio.startUnixServer((r, w) -> {}, lengthy));
      assertTrue(tooLong.getMessage().contains("too long"), tooLong.getMessage());
      assertTrue(tooLong.getMessage().contains(lengthy.toString()), tooLong.getMessage());
      var connecting = fails(IOException.class, Asyncio.openUnixConnection(lengthy));
      assertTrue(connecting.getMessage().contains("too long"), connecting.getMessage());
      fails(IllegalArgumentException.class, Asyncio.startUnixServer((r, w) -> {}, Path.of("")));
      var nowhere = folder.resolve("no").resolve("where");
      var exc = fails(IOException.class, Asyncio.startUnixServer((r, w) -> {}, nowhere));
      assertTrue(exc.getMessage().contains(nowhere.toString()), exc.getMessage());
    });
  }

  // --- connecting

  @Test
  void connecting_to_nothing_and_to_nobody_are_told_apart() {
    run(() -> {
      var nothing = fails(NoSuchFileException.class, Asyncio.openUnixConnection(path()));
      assertEquals(path().toString(), nothing.getFile());
      try (var old = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        old.bind(UnixDomainSocketAddress.of(path()));
      }
      var nobody = fails(ConnectException.class, Asyncio.openUnixConnection(path()));
      assertEquals("Connect call failed " + path() + " (Connection refused)", nobody.getMessage());
    });
  }

  @Test
  void exactly_one_of_path_and_socket_is_needed() {
    run(() -> {
      var streams = StreamOptions.defaults();
      Server server = serve(path());
      try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
          var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        var brought = ConnectOptions.defaults().sock(channel);
        var both =
            fails(
                IllegalArgumentException.class,
                Asyncio.openUnixConnection(path(), brought, streams));
        assertEquals("path and sock can not be specified at the same time", both.getMessage());
        var none =
            fails(
                IllegalArgumentException.class,
                Asyncio.openUnixConnection(null, ConnectOptions.defaults(), streams));
        assertEquals("no path and sock were specified", none.getMessage());
        var bothHere =
            assertThrows(
                IllegalArgumentException.class,
                () -> serve(path(), ServerOptions.defaults().sock(listening)));
        assertEquals("path and sock can not be specified at the same time", bothHere.getMessage());
        var noneHere =
            assertThrows(
                IllegalArgumentException.class, () -> serve(null, ServerOptions.defaults()));
        assertEquals("path was not specified, and no sock specified", noneHere.getMessage());
      }
      stop(server);
    });
  }

  @Test
  void sockets_of_another_family_and_options_of_theirs_are_refused() {
    run(() -> {
      try (var server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
          var client = SocketChannel.open(server.getLocalAddress())) {
        var listening =
            assertThrows(
                IllegalArgumentException.class,
                () -> serve(null, ServerOptions.defaults().sock(server)));
        assertTrue(
            listening.getMessage().startsWith("A UNIX Domain Stream Socket was expected, got"),
            listening.getMessage());
        var connecting =
            fails(
                IllegalArgumentException.class,
                Asyncio.openUnixConnection(
                    null, ConnectOptions.defaults().sock(client), StreamOptions.defaults()));
        assertTrue(
            connecting.getMessage().startsWith("A UNIX Domain Stream Socket was expected"),
            connecting.getMessage());
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> serve(path(), ServerOptions.defaults().reusePort(true)));
      fails(
          IllegalArgumentException.class,
          Asyncio.openUnixConnection(
              path(), ConnectOptions.defaults().interleave(1), StreamOptions.defaults()));
      assertFalse(isThere(path()));
    });
  }

  @Test
  void sockets_may_be_brought_along() {
    run(() -> {
      var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listening.bind(UnixDomainSocketAddress.of(path()));
      Server server = serve(null, ServerOptions.defaults().sock(listening));
      var channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
      try (Connection client =
          Asyncio.openUnixConnection(
                  null, ConnectOptions.defaults().sock(channel), StreamOptions.defaults())
              .await()) {
        client.writer().write(bytes("ping"));
        assertEquals("ping", text(client.reader().readExactly(4).await()));
      }
      stop(server);
      assertFalse(isThere(path()));
    });
  }

  @Test
  void a_server_may_start_later() {
    run(() -> {
      Server server = serve(path(), ServerOptions.defaults().startServing(false).backlog(5));
      assertFalse(server.isServing());
      try (Connection client = Asyncio.openUnixConnection(path()).await()) {
        client.writer().write(bytes("early"));
        server.startServing().await();
        assertEquals("early", text(client.reader().readExactly(5).await()));
      }
      stop(server);
    });
  }

  // --- giving up

  @Test
  void cancellation_at_every_await_leaves_no_file_and_no_descriptor() throws IOException {
    every_cancellation(() -> Asyncio.startUnixServer((r, w) -> {}, path()).await().close());
    run(() -> {
      Server server = serve(path());
      cancelled_in_every_turn(() -> Asyncio.openUnixConnection(path()).await().close());
      stop(server);
    });
    assertFalse(isThere(path()));
  }

  private static void every_cancellation(Action body) {
    run(() -> cancelled_in_every_turn(body));
  }

  private static void cancelled_in_every_turn(Action body) throws Exception {
    body.run(); // after the first one the loop has a selector, which holds descriptors of its own
    ticks(2);
    long before = Descriptors.open();
    for (int turns = 0; turns < 6; turns++) {
      Task<?> task = start(body);
      ticks(turns);
      task.cancel();
      try {
        task.await();
      } catch (CancelledError expected) {
        // unless it was quicker
      }
    }
    until(() -> Descriptors.open() <= before);
  }

  @Test
  void a_thousand_connections_leave_no_descriptor() {
    run(() -> {
      Server server = serve(path());
      Asyncio.openUnixConnection(path()).await().close();
      ticks(5);
      long before = Descriptors.open();
      for (int i = 0; i < 1000; i++) {
        try (Connection client = Asyncio.openUnixConnection(path()).await()) {
          client.writer().write(bytes("x"));
          assertEquals("x", text(client.reader().readExactly(1).await()));
        }
      }
      until(() -> Descriptors.open() <= before + 1);
      stop(server);
    });
  }

  @Test
  void clients_wait_while_the_backlog_is_full() {
    run(() -> {
      Server server = serve(path(), ServerOptions.defaults().startServing(false).backlog(1));
      List<Task<?>> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(
            start(() -> {
              try (Connection client = Asyncio.openUnixConnection(path()).await()) {
                client.writer().write(bytes("x"));
                assertEquals("x", text(client.reader().readExactly(1).await()));
              }
            }));
      }
      ticks(20);
      long before = Descriptors.open();
      clients.getLast().cancel();
      until(() -> clients.getLast().done());
      assertTrue(Descriptors.open() <= before);
      server.startServing().await();
      for (Task<?> client : clients.subList(0, 19)) {
        client.await();
      }
      stop(server);
    });
  }
}

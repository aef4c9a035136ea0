package dev.asyncio.net;

import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.Task;
import dev.asyncio.engine.CarriedEngine;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listening, and the life of a server. */
@Timeout(60)
class ServerTest {
  private final List<Recorder> clients = new ArrayList<>();

  private Recorder client() {
    var protocol = new Recorder();
    clients.add(protocol);
    return protocol;
  }

  private Server serve(ServerOptions options, String... hosts) {
    return Asyncio.runningLoop().createServer(this::client, List.of(hosts), 0, options).await();
  }

  private Server serve() {
    return serve(ServerOptions.defaults(), Loopback.HOST);
  }

  private Recorder connected(Server server, RawPeer peer) {
    until(() ->
        clients.stream()
            .anyMatch(c ->
                c.log().contains("made")
                    && Loopback.peerPort(c.transport()) == peer.socket().getLocalPort()));
    assertTrue(server.isServing());
    return clients.getLast();
  }

  @Test
  void a_server_serves_until_it_is_closed() {
    run(() -> {
      Server server = serve();
      assertTrue(server.isServing());
      assertSame(Asyncio.runningLoop(), server.getLoop());
      assertEquals(1, server.sockets().size());
      int port = Loopback.port(server);
      RawPeer.connectTo(port).close();
      server.close();
      server.close();
      assertFalse(server.isServing());
      assertEquals(List.of(), server.sockets());
      ticks(2);
      assertThrows(ConnectException.class, () -> RawPeer.connectTo(port));
    });
  }

  @Test
  void each_connection_knows_the_address_that_it_leads_to() {
    run(() -> {
      Server server = serve(ServerOptions.defaults(), "0.0.0.0");
      List<Object> reached = new ArrayList<>();
      for (String to : List.of("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.1")) {
        var address = new InetSocketAddress(to, Loopback.port(server));
        var peer = new Recorder();
        Asyncio.runningLoop()
            .createConnection(() -> peer, to, address.getPort(), ConnectOptions.defaults())
            .await();
        until(() -> clients.size() == reached.size() + 1);
        Object sockname = clients.getLast().transport().getExtraInfo("sockname");
        assertEquals(address, sockname);
        reached.add(Objects.requireNonNull(sockname));
        peer.transport().close();
      }
      if (CarriedEngine.unavailable() == null) {
        assertSame(reached.get(0), reached.get(1), "one object for both");
      }
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void closing_leaves_open_connections_open() {
    run(() -> {
      Server server = serve();
      try (var peer = RawPeer.connectTo(server)) {
        Recorder client = connected(server, peer);
        server.close();
        peer.send("still heard");
        until(() -> client.receivedText().equals("still heard"));
      }
      server.waitClosed().await();
    });
  }

  @Test
  void wait_closed_returns_when_closed_and_the_last_connection_is_gone() {
    run(() -> {
      // closed first, connections gone last
      Server server = serve();
      try (var peer = RawPeer.connectTo(server)) {
        Recorder client = connected(server, peer);
        Task<?> waiting = Asyncio.createTask(server.waitClosed());
        Task<?> also = Asyncio.createTask(server.waitClosed());
        ticks(3);
        assertFalse(waiting.done());
        server.close();
        ticks(3);
        assertFalse(waiting.done());
        client.transport().close();
        waiting.await();
        also.await();
        server.waitClosed().await();
      }

      // connections gone first, closed last
      Server second = serve();
      try (var peer = RawPeer.connectTo(second)) {
        Recorder client = connected(second, peer);
        Task<?> waiting = Asyncio.createTask(second.waitClosed());
        client.transport().close();
        client.lost().await();
        ticks(3);
        assertFalse(waiting.done());
        second.close();
        waiting.await();
      }
    });
  }

  @Test
  void cancelling_wait_closed_stops_that_waiting_only() {
    run(() -> {
      Server server = serve();
      Task<?> cancelled = Asyncio.createTask(server.waitClosed());
      Task<?> other = Asyncio.createTask(server.waitClosed());
      ticks(1);
      cancelled.cancel();
      assertThrows(CancelledError.class, cancelled::await);
      assertFalse(other.done());
      assertTrue(server.isServing());
      server.close();
      other.await();
    });
  }

  @Test
  void serve_forever_starts_serving_and_cancelling_it_closes_and_waits() {
    run(() -> {
      Server server = serve(ServerOptions.defaults().startServing(false), Loopback.HOST);
      assertFalse(server.isServing());
      Task<?> forever = Asyncio.createTask(server.serveForever());
      ticks(1);
      assertTrue(server.isServing());
      try (var peer = RawPeer.connectTo(server)) {
        Recorder client = connected(server, peer);
        forever.cancel();
        ticks(5);
        assertFalse(server.isServing());
        assertFalse(forever.done(), "a connection is open");
        client.transport().close();
        assertThrows(CancelledError.class, forever::await);
      }
    });
  }

  @Test
  void closing_from_elsewhere_ends_serve_forever() {
    run(() -> {
      Server server = serve();
      Task<?> forever = Asyncio.createTask(server.serveForever());
      ticks(1);
      server.close();
      assertThrows(CancelledError.class, forever::await);
    });
  }

  @Test
  void serve_forever_is_awaited_once_and_not_after_the_end() {
    run(() -> {
      Server server = serve();
      Task<?> forever = Asyncio.createTask(server.serveForever());
      ticks(1);
      var twice = assertThrows(IllegalStateException.class, () -> server.serveForever().await());
      assertTrue(twice.getMessage().endsWith("is already being awaited on serveForever()"));
      forever.cancel();
      assertThrows(CancelledError.class, forever::await);
      var closed = assertThrows(IllegalStateException.class, () -> server.serveForever().await());
      assertTrue(closed.getMessage().endsWith("is closed"), closed.getMessage());
      assertThrows(IllegalStateException.class, () -> server.startServing().await());
    });
  }

  @Test
  void the_serving_scope_closes_and_waits() {
    run(() -> {
      Server server = serve();
      Recorder client;
      RawPeer peer;
      try (var serving = server.serving()) {
        assertSame(server, serving.server());
        peer = RawPeer.connectTo(server);
        client = connected(server, peer);
        Asyncio.runningLoop().callSoon(client.transport()::close);
      }
      assertTrue(client.lost().done());
      assertFalse(server.isServing());
      peer.close();
    });
  }

  @Test
  void connections_wait_until_serving_starts() {
    run(() -> {
      Server server = serve(ServerOptions.defaults().startServing(false), Loopback.HOST);
      try (var peer = RawPeer.connectTo(server)) {
        ticks(5);
        assertEquals(0, clients.size());
        server.startServing().await();
        server.startServing().await();
        connected(server, peer);
      }
      server.close();
    });
  }

  @Test
  void clients_can_be_closed_and_aborted_together() {
    run(() -> {
      Server server = serve();
      try (var one = RawPeer.connectTo(server);
          var two = RawPeer.connectTo(server)) {
        until(() -> clients.stream().filter(c -> c.log().contains("made")).count() == 2);
        server.closeClients();
        for (Recorder client : clients) {
          client.lost().await();
        }
        assertEquals("", text(one.receiveAll().await()));
        assertEquals("", text(two.receiveAll().await()));
      }
      clients.clear();
      try (var peer = RawPeer.connectTo(server)) {
        Recorder client = connected(server, peer);
        client.transport().write(java.nio.ByteBuffer.allocate(32 * 1024 * 1024));
        server.closeClients();
        ticks(3);
        assertFalse(client.lost().done(), "what is buffered is sent first");
        server.abortClients();
        client.lost().await();
      }
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void many_are_accepted_in_one_go() {
    run(() -> {
      Server server = serve(ServerOptions.defaults().startServing(false), Loopback.HOST);
      List<RawPeer> peers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        peers.add(RawPeer.connectTo(server));
      }
      server.startServing().await();
      until(() -> !clients.isEmpty());
      assertEquals(20, clients.size(), "all in the turn of the first");
      for (RawPeer peer : peers) {
        peer.close();
      }
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void a_failing_factory_is_reported_and_its_connection_closed() {
    run(() -> {
      List<ExceptionContext> reports = reports();
      Server server =
          Asyncio.runningLoop()
              .createServer(
                  () -> {
                    throw new IllegalStateException("no protocol today");
                  },
                  List.of(Loopback.HOST),
                  0,
                  ServerOptions.defaults())
              .await();
      try (var peer = RawPeer.connectTo(server)) {
        assertEquals("", text(peer.receiveAll().await()));
        assertEquals(
            "Error on transport creation for incoming connection", reports.getFirst().message());
        assertInstanceOf(IllegalStateException.class, reports.getFirst().exception());
      }
      assertTrue(server.isServing());
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void closing_between_accept_and_protocol_makes_no_protocol() {
    run(() -> {
      Server server = serve(ServerOptions.defaults().startServing(false), Loopback.HOST);
      try (var peer = RawPeer.connectTo(server)) {
        server.startServing().await();
        ticks(1);
        assertEquals(0, clients.size(), "accepted, the protocol is due in this turn");
        server.close();
        ticks(3);
        assertEquals(0, clients.size());
        server.waitClosed().await();
        assertEquals("", text(peer.receiveAll().await()));
      }
    });
  }

  @Test
  void accepted_connections_are_kept_alive_if_asked_for() {
    run(() -> {
      for (boolean on : new boolean[] {true, false}) {
        clients.clear();
        Server server = serve(ServerOptions.defaults().keepAlive(on), Loopback.HOST);
        try (var peer = RawPeer.connectTo(server)) {
          Recorder client = connected(server, peer);
          var socket =
              Objects.requireNonNull(
                  client.transport().getExtraInfo("socket", TransportSocket.class));
          assertEquals(on, socket.getSockOpt(StandardSocketOptions.SO_KEEPALIVE));
        }
        server.close();
        server.waitClosed().await();
      }
    });
  }

  @Test
  void a_backlog_must_be_positive() {
    assertThrows(IllegalArgumentException.class, () -> ServerOptions.defaults().backlog(0));
  }

  @Test
  void what_is_open_when_the_loop_closes_is_closed_with_it() throws IOException {
    List<RawPeer> peers = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    run(() -> {
      Server server = serve();
      ports.add(Loopback.port(server));
      peers.add(RawPeer.connectTo(server));
      connected(server, peers.getFirst());
    });
    assertThrows(ConnectException.class, () -> RawPeer.connectTo(ports.getFirst()));
    assertEquals(-1, peers.getFirst().socket().getInputStream().read());
    peers.getFirst().close();
  }

  @Test
  void a_transport_can_be_closed_after_its_loop() {
    run(() -> {
      Server server = serve();
      RawPeer peer = RawPeer.connectTo(server);
      connected(server, peer);
    });
    Recorder client = clients.getFirst();
    client.transport().close();
    client.transport().abort();
    assertTrue(client.transport().isClosing());
    assertFalse(client.lost().done(), "no loop is left to tell it");
  }
}

package dev.asyncio.net;

import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.Task;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a server listens. */
@Timeout(60)
class BinderTest {
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
  void several_hosts_have_a_socket_each() {
    run(() -> {
      Server server = serve(ServerOptions.defaults(), "127.0.0.1", "127.0.0.2", "127.0.0.1");
      List<TransportSocket> sockets = server.sockets();
      assertEquals(2, sockets.size(), "the same address only once");
      for (TransportSocket socket : sockets) {
        var address = (InetSocketAddress) Objects.requireNonNull(socket.getSockName());
        try (var peer = new java.net.Socket(address.getAddress(), address.getPort())) {
          assertTrue(peer.isConnected());
        }
      }
      until(() -> clients.size() == 2);
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void without_a_host_all_addresses_are_listened_on() {
    run(() -> {
      for (Server server :
          List.of(serve(ServerOptions.defaults()), serve(ServerOptions.defaults(), ""))) {
        int port = Loopback.port(server);
        new java.net.Socket("127.0.0.1", port).close();
        new java.net.Socket("127.0.0.2", port).close();
        server.close();
      }
    });
  }

  @Test
  void a_family_restricts_the_addresses() {
    run(() -> {
      Server server =
          serve(ServerOptions.defaults().family(StandardProtocolFamily.INET), "localhost");
      for (TransportSocket socket : server.sockets()) {
        assertEquals(StandardProtocolFamily.INET, socket.family());
      }
      server.close();
      assertThrows(
          IOException.class,
          () -> serve(ServerOptions.defaults().family(StandardProtocolFamily.INET6), "127.0.0.1"));
    });
  }

  @Test
  void an_address_in_use_is_named_and_nothing_stays_bound() {
    run(() -> {
      Server first = serve();
      int port = Loopback.port(first);
      var exc =
          assertThrows(
              BindException.class,
              () ->
                  Asyncio.runningLoop()
                      .createServer(
                          this::client,
                          List.of("127.0.0.2", Loopback.HOST),
                          port,
                          ServerOptions.defaults())
                      .await());
      assertTrue(
          exc.getMessage()
              .startsWith(
                  "error while attempting to bind on address 127.0.0.1:"
                      + port
                      + ": address already in use"),
          exc.getMessage());
      first.close();
      ticks(2);
      Server again =
          Asyncio.runningLoop()
              .createServer(
                  this::client, List.of("127.0.0.2", Loopback.HOST), port, ServerOptions.defaults())
              .await();
      again.close();
    });
  }

  @Test
  void an_address_of_another_machine_cannot_be_bound() {
    run(() -> {
      var exc =
          assertThrows(BindException.class, () -> serve(ServerOptions.defaults(), "192.0.2.1"));
      assertTrue(exc.getMessage().startsWith("could not bind on any address out of"));
      assertEquals(1, exc.getSuppressed().length);
      Server server = serve(ServerOptions.defaults(), "192.0.2.1", Loopback.HOST);
      assertEquals(1, server.sockets().size(), "the one that could be bound");
      server.close();
    });
  }

  @Test
  void a_port_can_be_shared_if_asked_for() throws IOException {
    try (var channel = ServerSocketChannel.open()) {
      Assumptions.assumeTrue(
          channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT),
          "this system has no SO_REUSEPORT");
    }
    run(() -> {
      var shared = ServerOptions.defaults().reusePort(true);
      Server first = serve(shared, Loopback.HOST);
      Server second =
          Asyncio.runningLoop()
              .createServer(this::client, List.of(Loopback.HOST), Loopback.port(first), shared)
              .await();
      first.close();
      second.close();
    });
  }

  @Test
  void a_socket_bound_elsewhere_can_be_used() {
    run(() -> {
      ServerSocketChannel bound = ServerSocketChannel.open();
      bound.bind(new InetSocketAddress(Loopback.HOST, 0));
      Server server = serve(ServerOptions.defaults().sock(bound));
      try (var peer = RawPeer.connectTo(server)) {
        connected(server, peer);
      }
      server.close();
      assertFalse(bound.isOpen());
      assertThrows(
          IllegalArgumentException.class,
          () -> serve(ServerOptions.defaults().sock(bound), Loopback.HOST));
      try (var unbound = ServerSocketChannel.open()) {
        assertThrows(
            IllegalArgumentException.class, () -> serve(ServerOptions.defaults().sock(unbound)));
      }
    });
  }

  @Test
  void cancelling_the_start_leaves_nothing_bound() {
    run(() -> {
      try (var probe = new java.net.ServerSocket(0)) {
        int port = probe.getLocalPort();
        probe.close();
        Task<Server> starting =
            Asyncio.createTask(
                Asyncio.runningLoop()
                    .createServer(
                        this::client, List.of(Loopback.HOST), port, ServerOptions.defaults()));
        ticks(1);
        starting.cancel();
        assertThrows(CancelledError.class, starting::await);
        ticks(2);
        assertThrows(ConnectException.class, () -> RawPeer.connectTo(port));
      }
    });
  }
}

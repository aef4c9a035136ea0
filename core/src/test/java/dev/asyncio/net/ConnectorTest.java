package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionGroup;
import dev.asyncio.Task;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connecting: one address, several, racing, failing, cancelled. */
@Timeout(60)
class ConnectorTest {

  private static ServerSocket listener(String host) throws IOException {
    return new ServerSocket(0, 10, InetAddress.ofLiteral(host));
  }

  private static InetSocketAddress addressOf(ServerSocket listener) {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** An address at which nobody listens. */
  private static InetSocketAddress refusing(String host) throws IOException {
    try (ServerSocket closed = listener(host)) {
      return addressOf(closed);
    }
  }

  private static Coroutine<Connected<Transport, Recorder>> connect(
      @Nullable String host, int port, ConnectOptions options) {
    return Asyncio.runningLoop().createConnection(Recorder::new, host, port, options);
  }

  @Test
  void connecting_comes_first_then_the_factory_then_connection_made_then_the_result() {
    run(() -> {
      List<String> order = new ArrayList<>();
      try (ServerSocket listener = listener(HOST)) {
        var connected =
            Asyncio.runningLoop()
                .createConnection(
                    () -> {
                      order.add("factory");
                      return new Recorder() {
                        @Override
                        public void connectionMade(BaseTransport transport) {
                          super.connectionMade(transport);
                          order.add("made");
                        }
                      };
                    },
                    HOST,
                    listener.getLocalPort(),
                    ConnectOptions.defaults())
                .await();
        order.add("result");
        assertEquals(List.of("factory", "made", "result"), order);
        assertSame(connected.transport(), connected.protocol().transport());
        assertSame(connected.protocol(), connected.transport().getProtocol());
        assertEquals(addressOf(listener), connected.transport().getExtraInfo("peername"));
        connected.transport().abort();
      }
    });
  }

  @Test
  void tcp_no_delay_is_set() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        var connected = connect(HOST, listener.getLocalPort(), ConnectOptions.defaults()).await();
        var socket = connected.transport().getExtraInfo("socket", TransportSocket.class);
        assertTrue(Objects.requireNonNull(socket).getSockOpt(StandardSocketOptions.TCP_NODELAY));
        connected.transport().abort();
      }
    });
  }

  @Test
  void a_name_is_connected_to() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        var connected =
            connect("localhost", listener.getLocalPort(), ConnectOptions.defaults()).await();
        connected.transport().abort();
      }
    });
  }

  @Test
  void a_refused_connection_names_the_address() {
    run(() -> {
      InetSocketAddress nobody = refusing(HOST);
      var exc =
          assertThrows(
              ConnectException.class,
              () -> connect(HOST, nobody.getPort(), ConnectOptions.defaults()).await());
      assertEquals(
          "Connect call failed 127.0.0.1:" + nobody.getPort() + " (Connection refused)",
          exc.getMessage());
    });
  }

  @Test
  void a_refused_connection_can_be_caught_by_its_type() {
    run(() -> {
      InetSocketAddress nobody = refusing(HOST);
      boolean caught = false;
      try {
        connect(HOST, nobody.getPort(), ConnectOptions.defaults()).await(IOException.class);
      } catch (IOException exc) {
        caught = true;
      }
      assertTrue(caught);
    });
  }

  @Test
  void one_error_lists_what_happened_at_each_address() {
    run(() -> {
      InetSocketAddress first = refusing("127.0.0.1");
      // Both loopback addresses; the port is free on either.
      var exc =
          assertThrows(
              ConnectException.class,
              () -> connect(null, first.getPort(), ConnectOptions.defaults()).await());
      assertEquals(
          "Multiple exceptions: Connect call failed 127.0.0.1:"
              + first.getPort()
              + " (Connection refused), Connect call failed [0:0:0:0:0:0:0:1]:"
              + first.getPort()
              + " (Connection refused)",
          exc.getMessage());
      assertEquals(2, exc.getSuppressed().length);
      var group =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  connect(null, first.getPort(), ConnectOptions.defaults().allErrors(true))
                      .await());
      assertEquals("create_connection failed", group.message());
      assertEquals(2, group.exceptions().size());
    });
  }

  @Test
  void a_local_address_is_bound_first() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        var options = ConnectOptions.defaults().localAddr(new InetSocketAddress("127.0.0.5", 0));
        var connected = connect(HOST, listener.getLocalPort(), options).await();
        var sockname = connected.transport().getExtraInfo("sockname", InetSocketAddress.class);
        assertEquals(
            InetAddress.ofLiteral("127.0.0.5"), Objects.requireNonNull(sockname).getAddress());
        connected.transport().abort();
      }
    });
  }

  @Test
  void a_local_address_may_be_a_name() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        var options =
            ConnectOptions.defaults()
                .family(StandardProtocolFamily.INET)
                .localAddr(InetSocketAddress.createUnresolved("localhost", 0));
        connect(HOST, listener.getLocalPort(), options).await().transport().abort();
      }
    });
  }

  @Test
  void a_local_address_that_cannot_be_bound_is_named() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        int port = listener.getLocalPort();
        var taken = ConnectOptions.defaults().localAddr(new InetSocketAddress("192.0.2.1", 0));
        var exc = assertThrows(BindException.class, () -> connect(HOST, port, taken).await());
        assertTrue(
            exc.getMessage().startsWith("error while attempting to bind on address 192.0.2.1:0:"),
            exc.getMessage());
        var other = ConnectOptions.defaults().localAddr(new InetSocketAddress("::1", 0));
        var none = assertThrows(IOException.class, () -> connect(HOST, port, other).await());
        assertTrue(none.getMessage().contains("no matching local address with family=INET"));
      }
    });
  }

  @Test
  void a_connected_socket_can_be_used() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        SocketChannel socket = SocketChannel.open(addressOf(listener));
        var options = ConnectOptions.defaults().sock(socket);
        assertThrows(
            IllegalArgumentException.class,
            () -> connect(HOST, listener.getLocalPort(), options).await());
        var connected = connect(null, 0, options).await();
        assertEquals(List.of("made"), connected.protocol().log());
        connected.transport().close();
        connected.protocol().lost().await();
        ticks(1);
        assertFalse(socket.isOpen());
        try (SocketChannel unconnected = SocketChannel.open()) {
          var wrong = ConnectOptions.defaults().sock(unconnected);
          assertThrows(IllegalArgumentException.class, () -> connect(null, 0, wrong).await());
        }
      }
    });
  }

  @Test
  void racing_alternates_families_unless_told_otherwise() {
    var racing = ConnectOptions.defaults().happyEyeballsDelay(Duration.ofMillis(250));
    assertEquals(1, racing.interleave());
    assertEquals(0, racing.interleave(0).interleave());
    assertEquals(0, ConnectOptions.defaults().interleave());
    assertThrows(
        IllegalArgumentException.class,
        () -> ConnectOptions.defaults().happyEyeballsDelay(Duration.ofMillis(-1)));
    assertThrows(IllegalArgumentException.class, () -> ConnectOptions.defaults().interleave(-1));
  }

  @Test
  void a_failing_factory_closes_the_socket() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        var planned = new IllegalStateException("no protocol today");
        var thrown =
            assertThrows(
                IllegalStateException.class,
                () ->
                    Asyncio.runningLoop()
                        .<Recorder>createConnection(
                            () -> {
                              throw planned;
                            },
                            HOST,
                            listener.getLocalPort(),
                            ConnectOptions.defaults())
                        .await());
        assertSame(planned, thrown);
        ticks(2);
        assertEquals(-1, listener.accept().getInputStream().read());
      }
    });
  }

  @Test
  void cancelling_before_connection_made_closes_the_transport() {
    run(() -> {
      List<dev.asyncio.ExceptionContext> reports = reports();
      try (ServerSocket listener = listener(HOST)) {
        List<Recorder> made = new ArrayList<>();
        Task<?>[] self = new Task<?>[1];
        self[0] =
            Asyncio.createTask(
                Asyncio.runningLoop()
                    .createConnection(
                        () -> {
                          made.add(new Recorder());
                          self[0].cancel();
                          return made.getFirst();
                        },
                        HOST,
                        listener.getLocalPort(),
                        ConnectOptions.defaults()));
        assertThrows(CancelledError.class, self[0]::await);
        assertNull(made.getFirst().lost().await());
        assertEquals(List.of("made", "lost"), made.getFirst().log());
        assertEquals(List.of(), reports);
        ticks(1);
        assertEquals(-1, listener.accept().getInputStream().read());
      }
    });
  }

  @Test
  void cancelling_while_connecting_closes_the_socket() {
    run(() -> {
      try (var hole = new BlackHole()) {
        var io = new NotingIo();
        Task<?> connecting =
            Asyncio.createTask(
                new Connector(io)
                    .connect(
                        Recorder::new,
                        hole.address().getAddress().getHostAddress(),
                        hole.address().getPort(),
                        ConnectOptions.defaults()));
        ticks(10);
        assertEquals(1, io.channels.size());
        connecting.cancel();
        assertThrows(CancelledError.class, connecting::await);
        assertFalse(io.channels.getFirst().isOpen());
      }
    });
  }
}

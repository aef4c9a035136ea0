package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.DatagramOptions;
import dev.asyncio.Task;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How UDP endpoints come about: addresses, options, and what is left when they do not. */
@Timeout(60)
class DatagramEndpointsTest {
  private static DatagramOptions options() {
    return DatagramOptions.defaults();
  }

  // --- addresses

  @Test
  void only_the_remote_address_may_be_sent_to() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.send("fine", server.address());
      var exc =
          assertThrows(IllegalArgumentException.class, () -> client.send("x", client.address()));
      assertEquals("Invalid address: must be None or " + server.address(), exc.getMessage());
      until(() -> server.senders.size() == 1);
      server.end();
      client.end();
    });
  }

  @Test
  void an_endpoint_without_a_remote_address_needs_one() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      assertThrows(IllegalArgumentException.class, () -> server.send("x"));
      assertThrows(
          IllegalArgumentException.class,
          () -> server.send("x", InetSocketAddress.createUnresolved("localhost", 1)));
      assertThrows(
          IllegalArgumentException.class,
          () -> server.send("x", new InetSocketAddress(Inet6Address.ofLiteral("::1"), 1)));
      assertFalse(server.transport().isClosing());
      server.end();
    });
  }

  @Test
  void extra_info_tells_of_both_ends() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      assertEquals(server.address(), client.transport().getExtraInfo("peername"));
      assertNull(server.transport().getExtraInfo("peername"));
      assertNull(server.transport().getExtraInfo("pipe"));
      TransportSocket socket =
          assertInstanceOf(TransportSocket.class, client.transport().getExtraInfo("socket"));
      assertEquals(server.address(), socket.getPeerName());
      assertEquals(client.address(), socket.getSockName());
      assertEquals(StandardProtocolFamily.INET, socket.family());
      assertTrue(client.transport().toString().contains("OPEN"), client.transport().toString());
      server.end();
      client.end();
      assertEquals(server.address(), client.transport().getExtraInfo("peername"));
    });
  }

  @Test
  void a_name_is_looked_up_and_both_ends_get_one_family() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client =
          DatagramRecorder.open(
              options().localAddr(HOST, 0).remoteAddr("localhost", server.address().getPort()));
      client.send("hello");
      until(() -> server.senders.size() == 1);
      client.end();
      server.end();
    });
  }

  @Test
  void a_family_alone_makes_an_endpoint_on_a_free_port() {
    run(() -> {
      DatagramRecorder any = DatagramRecorder.open(options().family(StandardProtocolFamily.INET));
      assertTrue(any.address().getPort() > 0);
      any.end();
    });
  }

  @Test
  void ipv6_endpoints_talk() {
    run(() -> {
      DatagramRecorder server;
      try {
        server = DatagramRecorder.open(options().localAddr("::1", 0));
      } catch (Exception none) {
        Assumptions.abort("this machine has no IPv6: " + none);
        return;
      }
      DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
      client.send("six");
      until(() -> server.senders.size() == 1);
      client.end();
      server.end();
    });
  }

  // --- options

  @Test
  void contradictory_options_are_refused() {
    run(() -> {
      AbstractEventLoop loop = Asyncio.runningLoop();
      var none =
          assertThrows(IllegalArgumentException.class, () -> DatagramRecorder.open(options()));
      assertTrue(none.getMessage().startsWith("unexpected address family"), none.getMessage());
      try (DatagramChannel channel = DatagramChannel.open()) {
        var exc =
            assertThrows(
                IllegalArgumentException.class,
                () ->
                    DatagramRecorder.open(
                        options().sock(channel).reusePort(true).allowBroadcast(true)));
        assertEquals(
            "socket modifier keyword arguments can not be used when sock is specified."
                + " (reusePort=true, allowBroadcast=true)",
            exc.getMessage());
      }
      var families =
          assertThrows(
              IllegalArgumentException.class,
              () -> DatagramRecorder.open(options().localAddr(HOST, 0).remoteAddr("::1", 9)));
      assertTrue(
          families.getMessage().startsWith("can not get address information"),
          families.getMessage());
      assertThrows(
          IllegalArgumentException.class,
          () -> DatagramRecorder.open(options().family(StandardProtocolFamily.UNIX)));
      assertFalse(loop.isClosed());
    });
  }

  @Test
  void a_channel_may_be_brought_along() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
      channel.connect(server.address());
      DatagramRecorder client = DatagramRecorder.open(options().sock(channel));
      client.send("hello");
      until(() -> server.senders.size() == 1);
      client.end();
      assertFalse(channel.isOpen());
      server.end();
    });
  }

  @Test
  void a_port_is_shared_only_when_asked_for() {
    run(() -> {
      DatagramRecorder first = DatagramRecorder.open(options().localAddr(HOST, 0).reusePort(true));
      DatagramRecorder second =
          DatagramRecorder.open(options().localAddr(first.address()).reusePort(true));
      BindException exc = null;
      try {
        Asyncio.runningLoop()
            .createDatagramEndpoint(DatagramRecorder::new, options().localAddr(first.address()))
            .await(BindException.class)
            .transport()
            .abort();
      } catch (BindException expected) {
        exc = expected;
      }
      assertNotNull(exc);
      assertEquals(
          "error while attempting to bind on address "
              + Channels.text(first.address())
              + ": address already in use",
          exc.getMessage());
      first.end();
      second.end();
    });
  }

  @Test
  void broadcast_keeps_the_remote_address_but_hears_everybody() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      DatagramRecorder client =
          DatagramRecorder.open(options().remoteAddr(server.address()).allowBroadcast(true));
      TransportSocket socket =
          assertInstanceOf(TransportSocket.class, client.transport().getExtraInfo("socket"));
      assertEquals(true, socket.getSockOpt(StandardSocketOptions.SO_BROADCAST));
      assertNull(client.transport().getExtraInfo("peername"));
      client.send("who is there");
      assertThrows(IllegalArgumentException.class, () -> client.send("x", client.address()));
      until(() -> server.senders.size() == 1);
      DatagramRecorder other = DatagramRecorder.bound();
      other.send("me", new InetSocketAddress(HOST, client.address().getPort()));
      until(() -> client.senders.size() == 1);
      assertEquals(other.address(), client.senders.getFirst());
      client.end();
      other.end();
      server.end();
    });
  }

  @Test
  void a_broadcast_without_permission_is_an_error_and_the_endpoint_lives() {
    run(() -> {
      DatagramRecorder any = DatagramRecorder.open(options().family(StandardProtocolFamily.INET));
      any.send("x", new InetSocketAddress("255.255.255.255", 9));
      assertEquals(1, any.errors.size());
      assertFalse(any.transport().isClosing());
      any.end();
    });
  }

  // --- creation that fails

  @Test
  void a_factory_that_fails_leaves_no_socket() throws IOException {
    run(() -> {
      DatagramChannel channel = DatagramChannel.open();
      assertThrows(
          IllegalStateException.class,
          () ->
              Asyncio.runningLoop()
                  .<DatagramRecorder>createDatagramEndpoint(
                      () -> {
                        throw new IllegalStateException("no");
                      },
                      options().sock(channel))
                  .await());
      assertFalse(channel.isOpen());
    });
  }

  @Test
  void cancellation_at_every_await_leaves_no_socket() {
    for (int turn = 0; turn < 4; turn++) {
      int turns = turn;
      run(() -> {
        DatagramChannel channel = DatagramChannel.open();
        class Kept extends DatagramRecorder {
          @Nullable BaseTransport made;

          @Override
          public void connectionMade(BaseTransport transport) {
            made = transport;
            super.connectionMade(transport);
          }
        }
        var protocol = new Kept();
        Task<?> task =
            start(() ->
                Asyncio.runningLoop()
                    .createDatagramEndpoint(() -> protocol, options().sock(channel))
                    .await()
                    .transport()
                    .abort());
        ticks(turns);
        task.cancel();
        try {
          task.await();
        } catch (CancelledError expected) {
          // unless it was quicker
        }
        if (turns == 0) {
          channel.close(); // never begun, so it is still ours
        } else {
          until(() -> !channel.isOpen());
        }
        assertTrue(protocol.made == null || protocol.log.contains("lost"), "" + protocol.log);
      });
    }
  }

  @Test
  void a_thousand_endpoints_leave_no_descriptor() {
    run(() -> {
      DatagramRecorder server = DatagramRecorder.bound();
      long before = Descriptors.open();
      for (int i = 0; i < 1000; i++) {
        DatagramRecorder client = DatagramRecorder.connectedTo(server.address());
        client.send("x");
        client.end();
      }
      ticks(2);
      assertTrue(Descriptors.open() <= before + 10, "descriptors grow");
      server.end();
    });
  }
}

package dev.asyncio.net;

import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.transport.BaseTransport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order in which a stream protocol hears of things. */
@Timeout(60)
class ProtocolsSurfaceTest {
  @Test
  void stream_states() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        link.peer().send("one");
        until(() -> link.protocol().receivedText().equals("one"));
        link.peer().send("two");
        until(() -> link.protocol().receivedText().equals("onetwo"));
        link.peer().endOutput();
        assertNull(link.protocol().lost().await());
        Loopback.ticks(5);
        assertEquals(List.of("made", "data 3", "data 3", "eof", "lost"), link.protocol().log());
      }
    });
  }

  @Test
  void eof_default_closes() {
    run(() -> {
      try (var link = Link.of(Recorder::new)) {
        link.peer().endOutput();
        assertNull(link.protocol().lost().await());
        assertEquals("", Loopback.text(link.peer().receiveAll().await()));
      }
    });
  }

  @Test
  void factory_per_connection() {
    run(() -> {
      List<Recorder> made = new ArrayList<>();
      Server server =
          Asyncio.runningLoop()
              .createServer(
                  () -> {
                    var protocol = new Recorder();
                    made.add(protocol);
                    return protocol;
                  },
                  List.of(Loopback.HOST),
                  0,
                  ServerOptions.defaults())
              .await();
      assertEquals(0, made.size(), "only when a connection is accepted");
      try (var first = RawPeer.connectTo(server);
          var second = RawPeer.connectTo(server)) {
        first.send("1");
        second.send("2");
        until(() -> made.size() == 2);
        assertNotSame(made.getFirst(), made.getLast());
        until(() -> made.stream().allMatch(p -> p.receivedText().length() == 1));
      }
      server.close();
      server.waitClosed().await();
    });
  }

  @Test
  void callbacks_on_loop_thread() {
    run(() -> {
      List<@Nullable AbstractEventLoop> loops = new ArrayList<>();
      class Noting extends Recorder {
        @Override
        public void connectionMade(BaseTransport transport) {
          super.connectionMade(transport);
          loops.add(AbstractEventLoop.runningOrNull());
        }

        @Override
        public void dataReceived(ByteBuffer data) {
          loops.add(AbstractEventLoop.runningOrNull());
        }

        @Override
        public boolean eofReceived() {
          loops.add(AbstractEventLoop.runningOrNull());
          return false;
        }

        @Override
        public void connectionLost(@Nullable Throwable exc) {
          loops.add(AbstractEventLoop.runningOrNull());
          super.connectionLost(exc);
        }
      }
      try (var link = Link.of(Noting::new)) {
        link.peer().send("x").endOutput();
        link.protocol().lost().await();
      }
      assertEquals(4, loops.size());
      loops.forEach(loop -> assertSame(Asyncio.runningLoop(), loop));
    });
  }

  @Test
  void data_of_several_connections_ready_at_once_reaches_each_its_own() {
    run(() -> {
      try (var one = Link.of(Recorder::new);
          var two = Link.of(Recorder::new)) {
        for (int i = 0; i < 100; i++) {
          one.peer().send("1");
          two.peer().send("2");
        }
        until(() ->
            one.protocol().received().length == 100 && two.protocol().received().length == 100);
        assertTrue(one.protocol().receivedText().chars().allMatch(c -> c == '1'));
        assertTrue(two.protocol().receivedText().chars().allMatch(c -> c == '2'));
      }
    });
  }

  @Test
  void buffered_states() {
    run(() -> {
      try (var link = Link.of(() -> new BufferedRecorder(ByteBuffer.allocate(4)))) {
        link.peer().send("123456");
        until(() -> link.protocol().log.contains("updated 56"));
        link.peer().send("7");
        until(() -> link.protocol().log.contains("updated 7"));
        link.peer().endOutput();
        until(() -> link.protocol().log.contains("lost"));
        Loopback.ticks(5);
        List<String> log = link.protocol().log;
        assertEquals("made", log.getFirst());
        for (int i = 0; i < log.size(); i++) {
          if (log.get(i).startsWith("updated")) {
            assertEquals("get -1", log.get(i - 1), log::toString);
          }
        }
        assertEquals(
            List.of("updated 1234", "updated 56", "updated 7", "eof", "lost"),
            log.stream()
                .filter(event -> !event.equals("get -1") && !event.equals("made"))
                .toList());
      }
    });
  }
}

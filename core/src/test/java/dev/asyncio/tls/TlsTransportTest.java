package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Server;
import dev.asyncio.TlsOptions.ClientCertificate;
import dev.asyncio.net.Recorder;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A TLS connection between two ends of ours. */
@Timeout(60)
class TlsTransportTest {
  private static byte[] noise(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  private static void write(Transport transport, String text) {
    transport.write(ByteBuffer.wrap(bytes(text)));
  }

  private static SSLEngine engine(Transport transport) {
    return Objects.requireNonNull(transport.getExtraInfo("ssl_object", SSLEngine.class));
  }

  // --- data

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void data_goes_both_ways_and_both_ends_end(String version) {
    run(() -> {
      var options = TlsLink.clientOptions().parameters(p -> p.setProtocols(new String[] {version}));
      try (var link = TlsLink.of(Recorder::new, Recorder::new, options, TlsLink.serverOptions())) {
        assertEquals(version, engine(link.transport).getSession().getProtocol());
        write(link.transport, "ping");
        until(() -> link.served.receivedText().equals("ping"));
        write(link.served.transport(), "pong");
        until(() -> link.client.receivedText().equals("pong"));
        link.transport.close();
        assertTrue(link.transport.isClosing());
        assertNull(link.client.lost().await());
        assertNull(link.served.lost().await());
        assertEquals(List.of("made", "data 4", "eof", "lost"), link.client.log());
        assertEquals(List.of("made", "data 4", "eof", "lost"), link.served.log());
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void much_data_arrives_complete_before_the_end(String version) {
    byte[] data = noise(5_000_000);
    run(() -> {
      var options = TlsLink.clientOptions().parameters(p -> p.setProtocols(new String[] {version}));
      try (var link = TlsLink.of(Recorder::new, Recorder::new, options, TlsLink.serverOptions())) {
        link.transport.write(ByteBuffer.wrap(data));
        link.transport.close();
        assertNull(link.served.lost().await());
        assertArrayEquals(data, link.served.received());
        assertNull(link.client.lost().await());
      }
    });
  }

  @Test
  void many_pieces_are_gathered_in_order() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        List<ByteBuffer> pieces = new ArrayList<>();
        var all = new ByteArrayOutputStream();
        for (int size : new int[] {1, 100, 0, 20_000, 200_000, 3, 130_000, 7}) {
          byte[] piece = noise(size);
          pieces.add(ByteBuffer.wrap(piece));
          all.writeBytes(piece);
        }
        link.transport.writeLines(pieces);
        pieces.forEach(piece -> assertFalse(piece.hasRemaining()));
        link.transport.close();
        assertNull(link.served.lost().await());
        assertArrayEquals(all.toByteArray(), link.served.received());
      }
    });
  }

  @Test
  void what_is_written_within_one_delivery_leaves_as_one_piece() {
    run(() -> {
      class Chatty extends Recorder {
        @Override
        public void dataReceived(ByteBuffer data) {
          super.dataReceived(data);
          for (int i = 0; i < 10; i++) {
            write(transport(), "word ");
          }
        }
      }
      try (var link = TlsLink.of(Recorder::new, Chatty::new)) {
        write(link.transport, "go");
        until(() -> link.client.received().length == 50);
        assertEquals(List.of("made", "data 50"), link.client.log());
      }
    });
  }

  @Test
  void data_written_in_connection_made_arrives() {
    run(() -> {
      class Eager extends Recorder {
        @Override
        public void connectionMade(BaseTransport transport) {
          super.connectionMade(transport);
          write(transport(), "hello");
        }
      }
      try (var link = TlsLink.of(Eager::new, Eager::new)) {
        until(() -> link.client.receivedText().equals("hello"));
        until(() -> link.served.receivedText().equals("hello"));
      }
    });
  }

  /** Takes data in small pieces, and pauses after each. */
  private static final class Sipping implements BufferedProtocol {
    final ByteBuffer buffer = ByteBuffer.allocate(1000);
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    @Nullable Transport transport;
    boolean pausing;

    @Override
    public void connectionMade(BaseTransport made) {
      transport = (Transport) made;
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      assertTrue(sizeHint > 0);
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) {
      assertEquals(count, buffer.position());
      received.write(buffer.array(), 0, count);
      if (pausing) {
        Objects.requireNonNull(transport).pauseReading();
      }
    }
  }

  @Test
  void a_buffered_protocol_gets_no_more_than_its_buffer_holds_and_can_pause_in_between() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Sipping::new)) {
        byte[] data = noise(100_000);
        link.served.pausing = true;
        link.transport.write(ByteBuffer.wrap(data));
        until(() -> link.served.received.size() > 0);
        ticks(50);
        assertEquals(1000, link.served.received.size());
        Transport transport = Objects.requireNonNull(link.served.transport);
        assertFalse(transport.isReading());
        transport.resumeReading();
        assertTrue(transport.isReading());
        until(() -> link.served.received.size() == 2000);
        ticks(50);
        assertEquals(2000, link.served.received.size());
        link.served.pausing = false;
        transport.resumeReading();
        until(() -> link.served.received.size() == data.length);
        assertArrayEquals(data, link.served.received.toByteArray());
      }
    });
  }

  @Test
  void while_reading_is_paused_nothing_comes_not_even_the_end_and_then_all() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        Transport transport = link.served.transport();
        transport.pauseReading();
        link.transport.write(ByteBuffer.wrap(noise(10_000)));
        link.transport.close();
        ticks(200);
        assertEquals(List.of("made"), link.served.log());
        transport.resumeReading();
        assertNull(link.served.lost().await());
        assertArrayEquals(noise(10_000), link.served.received());
      }
    });
  }

  @Test
  void a_protocol_can_be_replaced() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        Transport transport = link.served.transport();
        Recorder second = new Recorder();
        transport.setProtocol(second);
        assertSame(second, transport.getProtocol());
        write(link.transport, "for you");
        until(() -> second.receivedText().equals("for you"));
        link.transport.close();
        assertNull(second.lost().await());
        assertThrows(
            IllegalArgumentException.class,
            () -> transport.setProtocol(new dev.asyncio.transport.BaseProtocol() {}));
      }
    });
  }

  // --- the end

  @Test
  void aborting_ends_at_once_and_the_peer_is_told_that_it_was_no_orderly_end() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        link.transport.abort();
        assertNull(link.client.lost().await());
        assertInstanceOf(IOException.class, link.served.lost().await());
        assertEquals(List.of("made", "lost"), link.client.log());
      }
    });
  }

  @Test
  void a_server_that_closes_its_clients_says_goodbye() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        link.server.closeClients();
        assertNull(link.client.lost().await());
        assertEquals(List.of("made", "eof", "lost"), link.client.log());
      }
    });
  }

  @Test
  void closing_within_a_delivery_ends_in_order() {
    run(() -> {
      class Once extends Recorder {
        @Override
        public void dataReceived(ByteBuffer data) {
          super.dataReceived(data);
          write(transport(), "bye");
          transport().close();
          write(transport(), "too late");
        }
      }
      try (var link = TlsLink.of(Recorder::new, Once::new)) {
        write(link.transport, "hi");
        assertNull(link.client.lost().await());
        assertNull(link.served.lost().await());
        assertEquals("bye", link.client.receivedText());
        assertEquals(List.of("made", "data 2", "eof", "lost"), link.served.log());
      }
    });
  }

  @Test
  void what_the_peer_sends_after_our_goodbye_is_dropped_and_the_end_is_orderly() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        link.transport.close();
        write(link.served.transport(), "crossing");
        assertNull(link.client.lost().await());
        assertNull(link.served.lost().await());
        assertEquals("", link.client.receivedText());
      }
    });
  }

  @Test
  void an_error_in_a_callback_is_reported_and_ends_the_connection() {
    run(() -> {
      var reports = reports();
      var bug = new IllegalStateException("bug");
      class Faulty extends Recorder {
        @Override
        public void dataReceived(ByteBuffer data) {
          throw bug;
        }
      }
      try (var link = TlsLink.of(Recorder::new, Faulty::new)) {
        write(link.transport, "hi");
        assertSame(bug, link.served.lost().await());
        assertEquals("Fatal error on SSL protocol", reports.getFirst().message());
        assertSame(bug, reports.getFirst().exception());
        assertInstanceOf(IOException.class, link.client.lost().await());
      }
    });
  }

  // --- facts

  @Test
  void a_connection_knows_its_session_its_peer_and_its_socket() {
    run(() -> {
      SSLContext context = Identity.LOCALHOST.trusted();
      try (var link =
          TlsLink.of(
              Recorder::new,
              Recorder::new,
              dev.asyncio.Asyncio.tls(context),
              TlsLink.serverOptions())) {
        Transport client = link.transport;
        assertSame(context, client.getExtraInfo("sslcontext"));
        assertEquals(Identity.LOCALHOST.certificate(), client.getExtraInfo("peercert"));
        assertNull(link.served.transport().getExtraInfo("peercert"));
        assertEquals(engine(client).getSession().getCipherSuite(), client.getExtraInfo("cipher"));
        assertNull(client.getExtraInfo("compression"));
        assertNotNull(client.getExtraInfo("peername"));
        assertNotNull(client.getExtraInfo("socket"));
        assertNull(client.getExtraInfo("no such thing"));
        assertTrue(client.toString().startsWith("TlsTransport[OPEN, 0 bytes to send, over "));
      }
    });
  }

  @Test
  void the_first_common_application_protocol_of_the_server_is_chosen() {
    run(() -> {
      try (var link =
          TlsLink.of(
              Recorder::new,
              Recorder::new,
              TlsLink.clientOptions().applicationProtocols("http/1.1", "h2", "h3"),
              TlsLink.serverOptions().applicationProtocols("spdy", "h2", "http/1.1"))) {
        assertEquals("h2", engine(link.transport).getApplicationProtocol());
        assertEquals("h2", engine(link.served.transport()).getApplicationProtocol());
      }
    });
  }

  @Test
  void the_server_is_told_the_name_that_the_client_wants() {
    run(() -> {
      try (var link =
          TlsLink.of(
              Recorder::new,
              Recorder::new,
              TlsLink.clientOptions().serverHostname("localhost"),
              TlsLink.serverOptions())) {
        var session = (ExtendedSSLSession) engine(link.served.transport()).getSession();
        assertEquals(List.of(new SNIHostName("localhost")), session.getRequestedServerNames());
      }
    });
  }

  @Test
  void a_client_shows_its_certificate_if_asked() {
    run(() -> {
      SSLContext clients = Identity.CLIENT.trusting(Identity.LOCALHOST);
      SSLContext servers = Identity.LOCALHOST.trusting(Identity.CLIENT);
      for (var asked : ClientCertificate.values()) {
        try (var link =
            TlsLink.of(
                Recorder::new,
                Recorder::new,
                dev.asyncio.Asyncio.tls(clients),
                dev.asyncio.Asyncio.tls(servers).clientCertificate(asked))) {
          assertEquals(
              asked == ClientCertificate.NONE ? null : Identity.CLIENT.certificate(),
              link.served.transport().getExtraInfo("peercert"));
        }
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void a_second_connection_with_the_same_context_resumes_the_session(String version) {
    run(() -> {
      var options = TlsLink.clientOptions().parameters(p -> p.setProtocols(new String[] {version}));
      Server server = TlsLink.serve(Recorder::new, TlsLink.serverOptions());
      List<Long> made = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        var connected = TlsLink.connect(Recorder::new, port(server), options);
        made.add(engine(connected.transport()).getSession().getCreationTime());
        connected.transport().close(); // reads the ticket on the way
        connected.protocol().lost().await();
      }
      assertEquals(made.get(0), made.get(1));
      TlsLink.stop(server);
    });
  }

  @Test
  void tls_goes_through_tls() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        var loop = dev.asyncio.Asyncio.runningLoop();
        Recorder inner = new Recorder();
        Recorder innerServed = new Recorder();
        var serving =
            dev.asyncio.Asyncio.createTask(
                loop.startTls(
                    link.served.transport(),
                    innerServed,
                    Identity.LOCALHOST.trusting(),
                    dev.asyncio.Asyncio.tls().serverSide(true)));
        Transport secured =
            loop.startTls(
                    link.transport,
                    inner,
                    Identity.LOCALHOST.trusted(),
                    dev.asyncio.Asyncio.tls().serverHostname("localhost"))
                .await();
        Transport served = serving.await();
        byte[] data = noise(1_000_000);
        secured.write(ByteBuffer.wrap(data));
        until(() -> innerServed.received().length == data.length);
        assertArrayEquals(data, innerServed.received());
        write(served, "all here");
        until(() -> text(inner.received()).equals("all here"));
        secured.close();
        assertNull(inner.lost().await());
        assertNull(innerServed.lost().await());
      }
    });
  }
}

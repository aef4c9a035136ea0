package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.until;
import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.Task;
import dev.asyncio.TimeoutException;
import dev.asyncio.TlsEofException;
import dev.asyncio.TlsOptions;
import dev.asyncio.TlsOptions.ClientCertificate;
import dev.asyncio.net.Loopback;
import dev.asyncio.net.RawPeer;
import dev.asyncio.net.Recorder;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that must not come about, or that end as they should not: each has its own error. */
@Timeout(60)
class TlsFailureTest {
  private static Coroutine<Connected<Transport, Recorder>> connecting(
      String host, int port, TlsOptions options) {
    return Asyncio.runningLoop()
        .createConnection(Recorder::new, host, port, ConnectOptions.defaults().ssl(options));
  }

  private static <X extends Throwable> X refused(
      Class<X> expected, String host, int port, TlsOptions options) {
    return assertThrows(expected, () -> connecting(host, port, options).await());
  }

  // --- certificates

  @Test
  void a_certificate_that_nobody_vouches_for_is_refused_by_default() {
    run(() -> {
      Server server = TlsLink.serve(Recorder::new, TlsLink.serverOptions());
      var exc = refused(SSLHandshakeException.class, HOST, port(server), Asyncio.tls());
      assertTrue(exc.getMessage().contains("PKIX path building failed"), exc.getMessage());
      TlsLink.stop(server);
    });
  }

  @Test
  void a_certificate_for_another_host_is_refused() {
    run(() -> {
      Server server = TlsLink.serve(Recorder::new, Asyncio.tls(Identity.ELSEWHERE.trusting()));
      TlsOptions trusting = Asyncio.tls(Identity.ELSEWHERE.trusted());
      for (String host : List.of(HOST, "localhost")) {
        var exc = refused(SSLHandshakeException.class, host, port(server), trusting);
        assertTrue(exc.getMessage().contains("No "), exc.getMessage());
      }
      // The name expected counts, not the one connected to; and none can be asked for.
      for (String name : List.of("elsewhere.example", "")) {
        connecting(HOST, port(server), trusting.serverHostname(name)).await().transport().abort();
      }
      TlsLink.stop(server);
    });
  }

  @Test
  void an_expired_certificate_is_refused() {
    run(() -> {
      Server server = TlsLink.serve(Recorder::new, Asyncio.tls(Identity.EXPIRED.trusting()));
      TlsOptions trusting = Asyncio.tls(Identity.EXPIRED.trusted());
      var exc = refused(SSLHandshakeException.class, HOST, port(server), trusting);
      assertTrue(exc.getMessage().contains("validity check failed"), exc.getMessage());
      TlsLink.stop(server);
    });
  }

  @Test
  void without_verification_anything_goes() {
    run(() -> {
      for (Identity identity : List.of(Identity.EXPIRED, Identity.ELSEWHERE)) {
        Server server = TlsLink.serve(Recorder::new, Asyncio.tls(identity.trusting()));
        var connected =
            connecting(HOST, port(server), TlsOptions.insecureWithoutVerification()).await();
        assertEquals(identity.certificate(), connected.transport().getExtraInfo("peercert"));
        connected.transport().abort();
        TlsLink.stop(server);
      }
    });
  }

  @Test
  void a_client_without_the_certificate_asked_for_is_refused_and_both_are_told() {
    run(() -> {
      for (String version : List.of("TLSv1.2", "TLSv1.3")) {
        List<Recorder> served = new ArrayList<>();
        Server server =
            TlsLink.serve(
                () -> {
                  served.add(new Recorder());
                  return served.getLast();
                },
                TlsLink.serverOptions().clientCertificate(ClientCertificate.REQUIRED));
        TlsOptions options =
            TlsLink.clientOptions().parameters(p -> p.setProtocols(new String[] {version}));
        Throwable exc;
        if (version.equals("TLSv1.2")) {
          exc = refused(SSLException.class, HOST, port(server), options);
        } else { // the client is done before the server looks
          exc = connecting(HOST, port(server), options).await().protocol().lost().await();
        }
        String message = Objects.requireNonNull(exc).getMessage();
        assertTrue(message.contains("Received fatal alert"), message);
        assertEquals(List.of(), served.getFirst().log(), "the server's program hears nothing");
        TlsLink.stop(server);
      }
    });
  }

  // --- peers that speak no TLS, or stop speaking

  @Test
  void plain_text_to_a_tls_port_is_an_error_that_debug_mode_reports() {
    run(() -> {
      var loop = Asyncio.runningLoop();
      loop.setDebug(true);
      var reports = reports();
      Server server = TlsLink.serve(Recorder::new, TlsLink.serverOptions());
      try (RawPeer peer = RawPeer.connectTo(server)) {
        peer.socket().getOutputStream().write(bytes("GET / HTTP/1.1\r\n\r\n"));
        until(() -> !reports.isEmpty());
        assertEquals(
            "Error on transport creation for incoming connection", reports.getFirst().message());
        var exc = assertInstanceOf(SSLException.class, reports.getFirst().exception());
        assertEquals("Unrecognized SSL message, plaintext connection?", exc.getMessage());
      }
      TlsLink.stop(server);
    });
  }

  @Test
  void a_server_that_answers_in_plain_text_is_an_error() {
    run(() -> {
      try (var peer =
          RawTlsPeer.plain(
              socket -> socket.getOutputStream().write(bytes("HTTP/1.1 400 No\r\n\r\n")))) {
        var exc = refused(SSLException.class, HOST, peer.port(), TlsLink.clientOptions());
        assertEquals("Unrecognized SSL message, plaintext connection?", exc.getMessage());
        peer.join();
      }
    });
  }

  @Test
  void a_peer_that_hangs_up_amid_the_handshake_is_an_error() {
    run(() -> {
      try (var peer = RawTlsPeer.plain(socket -> socket.getInputStream().readNBytes(50))) {
        refused(SocketException.class, HOST, peer.port(), TlsLink.clientOptions());
        peer.join();
      }
      try (var peer = RawTlsPeer.plain(Socket::shutdownOutput)) {
        var exc = refused(SocketException.class, HOST, peer.port(), TlsLink.clientOptions());
        assertNotNull(exc.getMessage());
        peer.join();
      }
    });
  }

  @Test
  void a_handshake_that_takes_too_long_is_broken_off() {
    run(() -> {
      try (var peer = RawTlsPeer.plain(socket -> socket.getInputStream().readAllBytes())) {
        var exc =
            refused(
                SocketException.class,
                HOST,
                peer.port(),
                TlsLink.clientOptions().handshakeTimeout(ofMillis(500)));
        assertEquals(
            "SSL handshake is taking longer than 0.5 seconds: aborting the connection",
            exc.getMessage());
        peer.join();
      }
      Server server =
          TlsLink.serve(Recorder::new, TlsLink.serverOptions().handshakeTimeout(ofMillis(50)));
      try (RawPeer silent = RawPeer.connectTo(server)) {
        var end = Asyncio.toThread(() -> silent.socket().getInputStream().read());
        assertEquals(-1, end.await()); // without our doing
        TlsLink.stop(server);
      }
    });
  }

  @Test
  void a_stream_cut_short_is_told_from_one_that_ended() {
    run(() -> {
      var context = Identity.LOCALHOST.trusting();
      for (boolean suppress : List.of(false, true)) {
        try (var peer =
            RawTlsPeer.tls(
                context,
                (socket, tls) -> {
                  tls.getOutputStream().write(bytes("half a sent"));
                  socket.shutdownOutput();
                  socket.getInputStream().readAllBytes();
                })) {
          Recorder client =
              connecting(HOST, peer.port(), TlsLink.clientOptions().suppressRaggedEofs(suppress))
                  .await()
                  .protocol();
          Throwable exc = client.lost().await();
          assertEquals("half a sent", client.receivedText());
          if (suppress) {
            assertNull(exc);
            assertEquals(List.of("made", "data 11", "eof", "lost"), client.log());
          } else {
            String message = assertInstanceOf(TlsEofException.class, exc).getMessage();
            assertTrue(message.startsWith("EOF occurred in violation of protocol"), message);
            assertEquals(List.of("made", "data 11", "lost with TlsEofException"), client.log());
          }
          peer.join();
        }
      }
      try (var peer =
          RawTlsPeer.tls(
              context,
              (socket, tls) -> {
                tls.getOutputStream().write(bytes("a sentence."));
                tls.close();
              })) {
        Recorder client = connecting(HOST, peer.port(), TlsLink.clientOptions()).await().protocol();
        assertNull(client.lost().await());
        assertEquals(List.of("made", "data 11", "eof", "lost"), client.log());
        peer.join();
      }
    });
  }

  @Test
  void a_record_that_was_tampered_with_ends_the_connection() {
    run(() -> {
      try (var peer =
          RawTlsPeer.tls(
              Identity.LOCALHOST.trusting(),
              (socket, tls) -> {
                byte[] record = new byte[5 + 64];
                record[0] = 23;
                record[1] = 3;
                record[2] = 3;
                record[4] = 64;
                socket.getOutputStream().write(record);
                socket.getInputStream().readAllBytes();
              })) {
        Recorder client = connecting(HOST, peer.port(), TlsLink.clientOptions()).await().protocol();
        assertInstanceOf(SSLException.class, client.lost().await());
        peer.join();
      }
    });
  }

  @Test
  void renegotiation_is_refused() {
    run(() -> {
      try (var peer =
          RawTlsPeer.tls(
              Identity.LOCALHOST.trusting(),
              (socket, tls) -> {
                tls.startHandshake(); // again
                assertThrows(IOException.class, () -> tls.getInputStream().read());
              })) {
        TlsOptions options =
            TlsLink.clientOptions().parameters(p -> p.setProtocols(new String[] {"TLSv1.2"}));
        Recorder client = connecting(HOST, peer.port(), options).await().protocol();
        var exc = assertInstanceOf(SSLException.class, client.lost().await());
        assertTrue(exc.getMessage().contains("renegotiate"), exc.getMessage());
        peer.join();
      }
    });
  }

  // --- closing

  @Test
  void a_peer_that_does_not_say_goodbye_is_waited_for_until_the_timeout() {
    run(() -> {
      try (var peer =
          RawTlsPeer.tls(
              Identity.LOCALHOST.trusting(),
              (socket, tls) -> socket.getInputStream().readAllBytes())) {
        var connected =
            connecting(HOST, peer.port(), TlsLink.clientOptions().shutdownTimeout(ofMillis(100)))
                .await();
        connected.transport().close();
        var exc = assertInstanceOf(TimeoutException.class, connected.protocol().lost().await());
        assertEquals("SSL shutdown timed out", exc.getMessage());
        peer.join();
      }
    });
  }

  @Test
  void closing_or_aborting_amid_the_handshake_tells_the_program_nothing() {
    run(() -> {
      for (var end :
          List.<java.util.function.Consumer<Server>>of(
              Server::closeClients, Server::abortClients)) {
        List<Recorder> served = new ArrayList<>();
        Server server =
            TlsLink.serve(
                () -> {
                  served.add(new Recorder());
                  return served.getLast();
                },
                TlsLink.serverOptions());
        try (RawPeer peer = RawPeer.connectTo(server)) {
          until(() -> !served.isEmpty());
          Loopback.ticks(5);
          end.accept(server);
          server.close();
          server.waitClosed().await();
          assertEquals(-1, peer.socket().getInputStream().read());
          assertEquals(List.of(), served.getFirst().log());
        }
      }
    });
  }

  // --- cancellation

  /** Cancels what {@code begin} starts after 0, 1, 2… turns of the loop, until it ends before. */
  private static int cancelAtEveryTurn(Function<Server, Coroutine<?>> begin) {
    int turns = 0;
    while (true) {
      List<Recorder> served = new ArrayList<>();
      Server server =
          TlsLink.serve(
              () -> {
                served.add(new Recorder());
                return served.getLast();
              },
              TlsLink.serverOptions());
      Task<?> task = Asyncio.createTask(begin.apply(server));
      Loopback.ticks(turns);
      boolean early = task.cancel();
      if (early) {
        assertThrows(CancelledError.class, task::await);
      }
      server.close();
      server.waitClosed().await(); // so the client's end is closed as well: it would wait otherwise
      if (!early) {
        return turns;
      }
      turns++;
    }
  }

  @Test
  void cancelling_anywhere_amid_connecting_leaves_no_connection_behind() {
    run(() -> {
      var reports = reports();
      int turns =
          cancelAtEveryTurn(server ->
              Coroutine.of(() -> {
                connecting(HOST, port(server), TlsLink.clientOptions()).await().transport().abort();
              }));
      assertTrue(turns > 3, "it takes some turns: " + turns);
      assertEquals(List.of(), reports);
      assertEquals(1, Asyncio.allTasks().size());
    });
  }

  @Test
  void cancelling_anywhere_amid_an_upgrade_leaves_no_connection_behind() {
    run(() -> {
      var reports = reports();
      int turns =
          cancelAtEveryTurn(server ->
              Coroutine.of(() -> {
                var loop = Asyncio.runningLoop();
                Connected<Transport, Recorder> plain =
                    loop.createConnection(
                            Recorder::new, HOST, port(server), ConnectOptions.defaults())
                        .await();
                loop.startTls(
                        plain.transport(),
                        plain.protocol(),
                        Identity.LOCALHOST.trusted(),
                        Asyncio.tls().serverHostname(HOST))
                    .await()
                    .abort();
              }));
      assertTrue(turns > 3, "it takes some turns: " + turns);
      assertEquals(List.of(), reports);
    });
  }

  @Test
  void a_failed_upgrade_tells_the_protocol_and_the_caller() {
    run(() -> {
      try (var peer =
          RawTlsPeer.plain(socket -> socket.getOutputStream().write(bytes("no TLS here")))) {
        var loop = Asyncio.runningLoop();
        var plain =
            loop.createConnection(Recorder::new, HOST, peer.port(), ConnectOptions.defaults())
                .await();
        var upgrade =
            loop.startTls(
                plain.transport(),
                plain.protocol(),
                Identity.LOCALHOST.trusted(),
                Asyncio.tls().serverHostname(HOST));
        assertThrows(SSLException.class, upgrade::await);
        assertInstanceOf(SSLException.class, plain.protocol().lost().await());
        peer.join();
      }
    });
  }

  @Test
  void an_upgrade_needs_a_name_to_verify() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        var upgrade =
            Asyncio.runningLoop()
                .startTls(link.transport, link.client, Identity.LOCALHOST.trusted(), Asyncio.tls());
        var exc = assertThrows(IllegalArgumentException.class, upgrade::await);
        assertTrue(exc.getMessage().startsWith("check_hostname requires server_hostname"));
      }
    });
  }

  @Test
  void writes_after_the_end_are_dropped() {
    run(() -> {
      try (var link = TlsLink.of(Recorder::new, Recorder::new)) {
        link.transport.abort();
        ByteBuffer data = ByteBuffer.wrap(bytes("x"));
        link.transport.write(data);
        assertEquals(0, data.remaining());
        assertEquals(0, link.transport.getWriteBufferSize());
        link.client.lost().await();
        assertNotNull(link.transport.getExtraInfo("ssl_object", SSLEngine.class));
      }
    });
  }
}

package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.TlsEofException;
import dev.asyncio.TlsOptions;
import dev.asyncio.tls.Identity;
import java.time.Duration;
import java.util.Random;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The upgrade of a stream in use. */
@Timeout(60)
class StartTlsTest {
  private static final TlsOptions TO_LOCALHOST = Asyncio.tls().serverHostname("localhost");

  private static Server serve(ClientConnected handler) {
    return Asyncio.startServer(handler, HOST, 0).await();
  }

  /** Says so when asked for TLS, upgrades, and sends back what comes. */
  private static void upgradeAndEcho(StreamReader reader, StreamWriter writer) throws Exception {
    try (writer) {
      assertEquals("STARTTLS\n", text(reader.readLine().await()));
      writer.write(bytes("OK\n"));
      writer.startTls(Identity.LOCALHOST.trusting()).await();
      byte[] data;
      while ((data = reader.read(65_536).await()).length > 0) {
        writer.write(data);
        writer.drain().await();
      }
    }
  }

  private static void stop(Server server) {
    server.close();
    server.abortClients();
    server.waitClosed().await();
  }

  @Test
  void a_stream_goes_on_under_tls_with_the_same_reader_and_writer() {
    run(() -> {
      Server server = serve(StartTlsTest::upgradeAndEcho);
      try (Connection client = Asyncio.openConnection(HOST, port(server)).await()) {
        client.writer().write(bytes("STARTTLS\n"));
        assertEquals("OK\n", text(client.reader().readLine().await()));
        client.writer().startTls(Identity.LOCALHOST.trusted(), TO_LOCALHOST).await();
        assertNotNull(client.writer().getExtraInfo("ssl_object"));
        assertFalse(client.writer().canWriteEof());
        byte[] data = new byte[3_000_000];
        new Random(1).nextBytes(data);
        var back = Asyncio.createTask(client.reader().readExactly(data.length));
        client.writer().write(data);
        client.writer().drain().await();
        assertArrayEquals(data, back.await());
        client.writer().close();
        client.writer().waitClosed().await();
      }
      stop(server);
    });
  }

  @Test
  void tls_that_came_together_with_the_plain_text_before_it_is_not_lost() {
    run(() -> {
      Server server = serve(StartTlsTest::upgradeAndEcho);
      Asyncio.runningLoop().setExceptionHandler((loop, context) -> {}); // the handler fails too
      try (Connection client = Asyncio.openConnection(HOST, port(server)).await()) {
        client.writer().write(bytes("STARTTLS\n")); // and does not wait for the answer
        var upgrade =
            Asyncio.createTask(
                client.writer().startTls(Identity.LOCALHOST.trusted(), TO_LOCALHOST));
        // The server's answer is no TLS, which must come out as an error and not as data.
        assertThrows(SSLException.class, upgrade::await);
      }
      stop(server);
      Server eager =
          serve((reader, writer) -> {
            try (writer) {
              reader.readLine().await();
              Asyncio.sleep(Duration.ZERO).await();
              writer.startTls(Identity.LOCALHOST.trusting()).await();
              writer.write(bytes("under TLS"));
            }
          });
      try (Connection client = Asyncio.openConnection(HOST, port(eager)).await()) {
        client.writer().write(bytes("PROXY\n")); // leaves with the hello, or just before it
        client.writer().startTls(Identity.LOCALHOST.trusted(), TO_LOCALHOST).await();
        assertEquals("under TLS", text(client.reader().read().await()));
      }
      stop(eager);
    });
  }

  @Test
  void an_upgrade_verifies_the_name() {
    run(() -> {
      Server server = serve(StartTlsTest::upgradeAndEcho);
      Asyncio.runningLoop().setExceptionHandler((loop, context) -> {}); // the handler fails too
      try (Connection client = Asyncio.openConnection(HOST, port(server)).await()) {
        client.writer().write(bytes("STARTTLS\n"));
        client.reader().readLine().await();
        var upgrade =
            client
                .writer()
                .startTls(Identity.LOCALHOST.trusted(), Asyncio.tls().serverHostname("elsewhere"));
        assertThrows(SSLHandshakeException.class, upgrade::await);
        assertThrows(SSLHandshakeException.class, () -> client.reader().read().await());
      }
      stop(server);
    });
  }

  @Test
  void a_reader_tells_a_stream_cut_short_from_one_that_ended() {
    run(() -> {
      Server server =
          serve((reader, writer) -> {
            writer.startTls(Identity.LOCALHOST.trusting()).await();
            writer.write(bytes("half"));
            reader.read(1).await(); // the client has it
            writer.transport().abort();
          });
      try (Connection client = Asyncio.openConnection(HOST, port(server)).await()) {
        client.writer().startTls(Identity.LOCALHOST.trusted(), TO_LOCALHOST).await();
        assertEquals("half", text(client.reader().readExactly(4).await()));
        client.writer().write(bytes("x"));
        assertThrows(TlsEofException.class, () -> client.reader().read().await());
      }
      stop(server);
    });
  }
}

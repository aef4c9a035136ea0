package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.TlsOptions;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.security.Provider;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS of a native provider, Conscrypt, which is BoringSSL, at either end and at both. */
@Timeout(60)
class NativeProviderTest {
  private static final int MEGABYTE = 1024 * 1024;

  private static Provider conscrypt() {
    try {
      return (Provider)
          Class.forName("org.conscrypt.OpenSSLProvider").getConstructor().newInstance();
    } catch (InvocationTargetException | LinkageError none) {
      Assumptions.abort("Conscrypt has no library for this system: " + none);
    } catch (ReflectiveOperationException exc) {
      throw new AssertionError(exc);
    }
    throw new AssertionError("not reached");
  }

  private static @Nullable Provider provider(String name) {
    return name.equals("conscrypt") ? conscrypt() : null;
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] data; (data = reader.read(64 * 1024).await()).length > 0; ) {
        writer.write(data);
        writer.drain().await();
      }
    }
  }

  private static Server serve(@Nullable Provider provider) {
    TlsOptions options =
        Asyncio.tls(Identity.LOCALHOST.trusting(provider)).applicationProtocols("echo");
    return Asyncio.startServer(NativeProviderTest::echo, HOST, 0, options).await();
  }

  private static TlsOptions trusting(@Nullable Provider provider) {
    return Asyncio.tls(Identity.LOCALHOST.trusted(provider)).applicationProtocols("echo");
  }

  @ParameterizedTest
  @CsvSource({"conscrypt, jdk", "jdk, conscrypt", "conscrypt, conscrypt"})
  void a_megabyte_comes_back_and_the_end_is_told(String server, String client) {
    Provider ofServer = provider(server);
    Provider ofClient = provider(client);
    run(() -> {
      byte[] sent = new byte[MEGABYTE];
      new Random(1).nextBytes(sent);
      Server listening = serve(ofServer);
      try (Connection connection =
          Asyncio.openConnection(HOST, port(listening), trusting(ofClient)).await()) {
        var write =
            Asyncio.createTask(
                Asyncio.async(() -> {
                  connection.writer().write(sent);
                  connection.writer().drain().await();
                }));
        assertArrayEquals(sent, connection.reader().readExactly(MEGABYTE).await());
        write.await();
        SSLEngine engine =
            Objects.requireNonNull(connection.writer().getExtraInfo("ssl_object", SSLEngine.class));
        assertEquals("TLSv1.3", engine.getSession().getProtocol());
        assertEquals("echo", engine.getApplicationProtocol());
        assertEquals(client.equals("conscrypt"), engine.getClass().getName().contains("conscrypt"));
        connection.writer().close();
        connection.writer().waitClosed().await(); // it has seen the server's goodbye
        assertTrue(connection.writer().isClosing());
      }
      listening.close();
      listening.waitClosed().await();
    });
  }

  @Test
  void a_client_of_the_jdk_refuses_a_certificate_that_it_does_not_trust() {
    Provider provider = conscrypt();
    run(() -> {
      Server listening = serve(provider);
      assertThrows(
          SSLException.class,
          () -> Asyncio.openConnection(HOST, port(listening), Asyncio.tls()).await());
      listening.close();
      listening.waitClosed().await();
    });
  }

  @Test
  void a_native_client_refuses_a_certificate_for_another_host() {
    Provider provider = conscrypt();
    run(() -> {
      Server listening =
          Asyncio.startServer(
                  NativeProviderTest::echo, HOST, 0, Asyncio.tls(Identity.ELSEWHERE.trusting()))
              .await();
      TlsOptions options = Asyncio.tls(Identity.ELSEWHERE.trusted(provider));
      assertThrows(
          SSLException.class, () -> Asyncio.openConnection(HOST, port(listening), options).await());
      listening.close();
      listening.waitClosed().await();
    });
  }
}

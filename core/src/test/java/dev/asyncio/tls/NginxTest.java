package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.TlsOptions;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** nginx as a server for our clients, and as a proxy before our servers. */
@Timeout(60)
class NginxTest {
  private static final String CONFIGURATION =
      """
      daemon off;
      master_process off;
      pid %1$s/nginx.pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        server {
          listen 127.0.0.1:%2$d;
          root %1$s;
          location /tcp/ { proxy_pass http://127.0.0.1:%4$d; }
          location /unix/ { proxy_pass http://unix:%1$s/ours.sock; }
        }
        server {
          listen 127.0.0.1:%3$d ssl;
          ssl_certificate %5$s;
          ssl_certificate_key %5$s;
          root %1$s;
        }
      }
      """;

  @TempDir private Path folder;
  private String program;
  private final int plain = freePort();
  private final int secure = freePort();

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void find() {
    program =
        Stream.of("/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx")
            .filter(path -> Files.isExecutable(Path.of(path)))
            .findFirst()
            .orElse("");
    Assumptions.assumeFalse(program.isEmpty(), "not installed, so not tried: nginx");
  }

  private Process start(int ours) throws IOException {
    Path pem = Identity.LOCALHOST.pem(folder);
    Path configuration = folder.resolve("nginx.conf");
    Files.writeString(configuration, CONFIGURATION.formatted(folder, plain, secure, ours, pem));
    Process nginx =
        new ProcessBuilder(program, "-c", configuration.toString(), "-p", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("nginx.log").toFile())
            .start();
    until(() -> listens(plain) && listens(secure));
    return nginx;
  }

  private static boolean listens(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(HOST, port));
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String get(int port, String path, @Nullable TlsOptions tls) throws IOException {
    Connection connection =
        tls == null
            ? Asyncio.openConnection(HOST, port).await()
            : Asyncio.openConnection(HOST, port, tls).await();
    try (var writer = connection.writer()) {
      writer.write(
          bytes("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
      writer.drain().await();
      return text(connection.reader().read().await());
    }
  }

  private static void answer(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      String request = text(reader.readUntil(bytes("\r\n\r\n")).await());
      String page = "ours, asked by: " + request.lines().findFirst().orElse("");
      writer.write(
          bytes("HTTP/1.0 200 OK\r\nContent-Length: " + page.length() + "\r\n\r\n" + page));
      writer.drain().await();
    }
  }

  @Test
  void our_client_fetches_pages_plain_and_over_tls() throws IOException {
    String page = "page ".repeat(100_000);
    Files.writeString(folder.resolve("page.txt"), page);
    run(() -> {
      Process nginx = start(freePort());
      try {
        for (TlsOptions tls : new @Nullable TlsOptions[] {null, TlsLink.clientOptions()}) {
          int port = tls == null ? plain : secure;
          String found = get(port, "/page.txt", tls);
          assertTrue(found.startsWith("HTTP/1.1 200 OK\r\n"), () -> found.substring(0, 200));
          assertTrue(found.endsWith(page));
          assertTrue(get(port, "/missing", tls).startsWith("HTTP/1.1 404"));
        }
      } finally {
        nginx.destroyForcibly();
      }
    });
  }

  @Test
  void it_passes_requests_on_to_our_servers_over_tcp_and_a_unix_socket() {
    run(() -> {
      Server tcp = Asyncio.startServer(NginxTest::answer, HOST, 0).await();
      Server unix = Asyncio.startUnixServer(NginxTest::answer, folder.resolve("ours.sock")).await();
      Process nginx = start(port(tcp));
      try {
        String overTcp = get(plain, "/tcp/page", null);
        assertTrue(overTcp.endsWith("ours, asked by: GET /tcp/page HTTP/1.0"), overTcp);
        String overUnix = get(plain, "/unix/page", null);
        assertTrue(overUnix.endsWith("ours, asked by: GET /unix/page HTTP/1.0"), overUnix);
      } finally {
        nginx.destroyForcibly();
        tcp.close();
        unix.close();
      }
    });
  }
}

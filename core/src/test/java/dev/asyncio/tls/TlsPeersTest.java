package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.Task;
import dev.asyncio.TlsEofException;
import dev.asyncio.TlsOptions;
import dev.asyncio.TlsOptions.ClientCertificate;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS against programs that we did not write, where they are installed. */
@Timeout(120)
class TlsPeersTest {
  @TempDir Path folder;

  private static String installed(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String place : path.split(Pattern.quote(File.pathSeparator))) {
      if (Path.of(place, name).toFile().canExecute()) {
        return name;
      }
    }
    Assumptions.abort("not installed, so not tried: " + name);
    throw new AssertionError("not reached");
  }

  /** A Python that has the given module. */
  private static String python(String module) {
    for (String python : List.of("/usr/bin/python3", "python3")) {
      try {
        Process probe = new ProcessBuilder(python, "-c", "import " + module).start();
        probe.getErrorStream().close();
        if (probe.waitFor() == 0) {
          return python;
        }
      } catch (IOException | InterruptedException none) {
        // the next one then
      }
    }
    Assumptions.abort("not installed, so not tried: Python's " + module);
    throw new AssertionError("not reached");
  }

  private static Process launch(String... command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Waits on another thread, so that the loop can serve the process. */
  private static String outputOf(Process process) {
    try {
      return Asyncio.toThread(() -> text(process.getInputStream().readAllBytes())).await();
    } finally {
      process.destroy();
    }
  }

  private static Server serve(ClientConnected handler, TlsOptions options) {
    return Asyncio.startServer(handler, HOST, 0, options).await();
  }

  private static void stop(Server server) {
    server.close();
    server.closeClients();
    server.waitClosed().await();
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws Exception {
    try (writer) {
      byte[] data;
      while ((data = reader.read(65_536).await()).length > 0) {
        writer.write(data);
        writer.drain().await();
      }
    }
  }

  private static void answerOnePage(StreamReader reader, StreamWriter writer) throws Exception {
    try (writer) {
      reader.readUntil(bytes("\r\n\r\n")).await();
      writer.write(
          bytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000)));
      writer.drain().await();
    }
  }

  // --- curl

  @ParameterizedTest
  @ValueSource(strings = {"1.2", "1.3"})
  void curl_fetches_a_page_and_verifies_who_serves_it(String version) {
    String curl = installed("curl");
    run(() -> {
      Server server = serve(TlsPeersTest::answerOnePage, TlsLink.serverOptions());
      String url = "https://localhost:" + port(server) + "/";
      String trusted = Identity.LOCALHOST.pem(folder).toString();
      Process client =
          launch(
              curl,
              "-sS",
              "-4",
              "--cacert",
              trusted,
              "--tlsv" + version,
              "--tls-max",
              version,
              url);
      assertEquals("x".repeat(100_000), outputOf(client));
      String refusal = outputOf(launch(curl, "-sS", "-4", url));
      assertTrue(refusal.contains("certificate"), refusal);
      stop(server);
    });
  }

  // --- openssl

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void openssl_talks_to_our_server_and_resumes_its_session(String version) {
    String openssl = installed("openssl");
    run(() -> {
      Server server =
          serve(
              (reader, writer) -> {
                try (writer) {
                  writer.write(reader.readLine().await());
                }
              },
              TlsLink.serverOptions());
      String trusted = Identity.LOCALHOST.pem(folder).toString();
      String session = folder.resolve("session" + version).toString();
      for (String memory : List.of("-sess_out", "-sess_in")) {
        Process client =
            launch(
                openssl,
                "s_client",
                version,
                "-connect",
                HOST + ":" + port(server),
                "-CAfile",
                trusted,
                "-verify_return_error",
                "-servername",
                "localhost",
                memory,
                session);
        client.getOutputStream().write(bytes("from openssl\n"));
        client.getOutputStream().flush();
        String said = outputOf(client);
        assertTrue(said.contains("from openssl\n"), said);
        assertEquals(memory.equals("-sess_in"), said.contains("\nReused, "), said);
      }
      stop(server);
    });
  }

  @Test
  void openssl_as_a_client_shows_its_certificate() {
    String openssl = installed("openssl");
    run(() -> {
      List<Object> seen = new ArrayList<>();
      Server server =
          serve(
              (reader, writer) -> {
                seen.add(writer.getExtraInfo("peercert"));
                writer.close();
              },
              Asyncio.tls(Identity.LOCALHOST.trusting(Identity.CLIENT))
                  .clientCertificate(ClientCertificate.REQUIRED));
      String own = Identity.CLIENT.pem(folder).toString();
      String address = HOST + ":" + port(server);
      outputOf(launch(openssl, "s_client", "-connect", address, "-cert", own, "-key", own));
      assertEquals(List.of(Identity.CLIENT.certificate()), seen);
      String refusal = outputOf(launch(openssl, "s_client", "-connect", address));
      assertTrue(refusal.contains("alert"), refusal);
      assertEquals(1, seen.size());
      stop(server);
    });
  }

  @Test
  void openssl_that_wants_to_renegotiate_is_cut_off() {
    String openssl = installed("openssl");
    run(() -> {
      var outcome = Asyncio.runningLoop().<Throwable>createFuture();
      Server server =
          serve(
              (reader, writer) -> {
                writer.write(bytes("now\n"));
                try {
                  reader.read().await();
                  outcome.setException(new AssertionError("no error"));
                } catch (Exception exc) {
                  outcome.setResult(exc);
                }
              },
              TlsLink.serverOptions());
      Process client =
          launch(openssl, "s_client", "-tls1_2", "-connect", HOST + ":" + port(server));
      client.getOutputStream().write(bytes("R\n"));
      client.getOutputStream().flush();
      assertTrue(outcome.await() instanceof SSLException, () -> outcome.result().toString());
      assertTrue(outcome.result().getMessage().contains("renegotiate"));
      outputOf(client);
      stop(server);
    });
  }

  private interface Using {
    void port(int port) throws Exception;
  }

  /** Runs {@code openssl s_server}, which answers each line with the line backwards. */
  private void withOpensslServer(Identity identity, Using test, String... options)
      throws Exception {
    String openssl = installed("openssl");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String own = identity.pem(folder).toString();
    List<String> command = new ArrayList<>();
    command.addAll(List.of(openssl, "s_server", "-accept", HOST + ":" + port, "-cert", own));
    command.addAll(List.of("-key", own, "-rev"));
    command.addAll(Arrays.asList(options));
    Process server = launch(command.toArray(new String[0]));
    try {
      BufferedReader output = server.inputReader(StandardCharsets.US_ASCII);
      String line;
      do {
        line = Asyncio.toThread(output::readLine).await();
        assertTrue(line != null, "openssl has ended");
      } while (!line.startsWith("ACCEPT"));
      test.port(port); // it says too little to fill the pipe
    } finally {
      server.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void our_client_talks_to_openssl(String version) {
    run(() ->
        withOpensslServer(
            Identity.LOCALHOST,
            port -> {
              TlsOptions options =
                  TlsLink.clientOptions()
                      .applicationProtocols("a", "b")
                      .serverHostname("localhost");
              for (int i = 0; i < 2; i++) { // the second time with the session of the first
                try (Connection client = Asyncio.openConnection(HOST, port, options).await()) {
                  client.writer().write(bytes("live\n"));
                  assertEquals("evil\n", text(client.reader().readLine().await()));
                }
              }
            },
            version,
            "-alpn",
            "b"));
  }

  @Test
  void our_client_shows_openssl_its_certificate() {
    run(() ->
        withOpensslServer(
            Identity.LOCALHOST,
            port -> {
              TlsOptions options = Asyncio.tls(Identity.CLIENT.trusting(Identity.LOCALHOST));
              try (Connection client = Asyncio.openConnection(HOST, port, options).await()) {
                client.writer().write(bytes("live\n"));
                assertEquals("evil\n", text(client.reader().readLine().await()));
              }
              Connection anonymous =
                  Asyncio.openConnection(HOST, port, TlsLink.clientOptions()).await();
              assertThrows(SSLException.class, () -> anonymous.reader().read().await());
            },
            "-Verify",
            "1",
            "-verify_return_error",
            "-CAfile",
            Identity.CLIENT.pem(folder).toString()));
  }

  @Test
  void our_client_refuses_what_openssl_shows_for_another_host_or_time() {
    run(() -> {
      withOpensslServer(
          Identity.ELSEWHERE,
          port -> {
            TlsOptions options = Asyncio.tls(Identity.ELSEWHERE.trusted());
            assertThrows(
                SSLHandshakeException.class,
                () -> Asyncio.openConnection(HOST, port, options).await());
          });
      withOpensslServer(
          Identity.EXPIRED,
          port -> {
            TlsOptions options = Asyncio.tls(Identity.EXPIRED.trusted());
            assertThrows(
                SSLHandshakeException.class,
                () -> Asyncio.openConnection(HOST, port, options).await());
          });
    });
  }

  @Test
  void a_stream_of_an_openssl_that_was_killed_is_cut_short() {
    run(() -> {
      List<Connection> open = new ArrayList<>();
      withOpensslServer(
          Identity.LOCALHOST,
          port -> {
            Connection client = Asyncio.openConnection(HOST, port, TlsLink.clientOptions()).await();
            client.writer().write(bytes("live\n"));
            assertEquals("evil\n", text(client.reader().readLine().await()));
            open.add(client);
          });
      assertThrows(TlsEofException.class, () -> open.getFirst().reader().read().await());
    });
  }

  // --- CPython's asyncio, and uvloop

  private static final String CLIENTS =
      """
      import asyncio, ssl, sys
      port, trusted, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]

      async def client(size):
          context = ssl.create_default_context(cafile=trusted)
          reader, writer = await asyncio.open_connection(
              "127.0.0.1", port, ssl=context, server_hostname="localhost")
          data = bytes(i * 7 % 251 for i in range(size))
          async def send():
              for at in range(0, size, 10007):
                  writer.write(data[at:at + 10007])
                  await writer.drain()
          sending = asyncio.ensure_future(send())
          back = await reader.readexactly(size)
          await sending
          writer.close()
          await writer.wait_closed()
          return back == data

      async def main():
          same = await asyncio.gather(*(client(n) for n in (0, 1, 1000, 70000, 3000000)))
          print(all(same))

      if kind == "uvloop":
          import uvloop
          uvloop.install()
      asyncio.run(main())
      """;

  @ParameterizedTest
  @ValueSource(strings = {"asyncio", "uvloop"})
  void python_clients_get_their_data_back(String kind) {
    String python = python(kind);
    run(() -> {
      Server server = serve(TlsPeersTest::echo, TlsLink.serverOptions());
      String trusted = Identity.LOCALHOST.pem(folder).toString();
      Process clients =
          launch(python, "-c", CLIENTS, Integer.toString(port(server)), trusted, kind);
      assertEquals("True\n", outputOf(clients));
      stop(server);
    });
  }

  private static final String SERVER =
      """
      import asyncio, ssl, sys
      own, kind = sys.argv[1], sys.argv[2]

      async def handle(reader, writer):
          while data := await reader.read(65536):
              writer.write(data)
              await writer.drain()
          writer.close()

      async def main():
          context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
          context.load_cert_chain(own)
          server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
          print(server.sockets[0].getsockname()[1], flush=True)
          await server.serve_forever()

      if kind == "uvloop":
          import uvloop
          uvloop.install()
      asyncio.run(main())
      """;

  @ParameterizedTest
  @ValueSource(strings = {"asyncio", "uvloop"})
  void python_servers_answer_our_clients(String kind) {
    String python = python(kind);
    run(() -> {
      Process server =
          launch(python, "-c", SERVER, Identity.LOCALHOST.pem(folder).toString(), kind);
      try {
        BufferedReader output = server.inputReader(StandardCharsets.US_ASCII);
        int port = Integer.parseInt(Asyncio.toThread(output::readLine).await());
        TlsOptions options = TlsLink.clientOptions();
        List<Task<?>> clients = new ArrayList<>();
        for (int size : new int[] {0, 1, 1000, 70_000, 3_000_000}) {
          clients.add(
              Asyncio.createTask(
                  Asyncio.async(() -> {
                    byte[] data = new byte[size];
                    new Random(size).nextBytes(data);
                    Connection client = Asyncio.openConnection(HOST, port, options).await();
                    client.writer().write(data);
                    assertArrayEquals(data, client.reader().readExactly(size).await());
                    client.writer().close();
                    client.writer().waitClosed().await();
                  })));
        }
        for (Task<?> client : clients) {
          client.await();
        }
      } finally {
        server.destroy();
      }
    });
  }
}

package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.Task;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams against programs that we did not write, where they are installed. */
@Timeout(120)
class RealPeersTest {
  private static String installed(String... names) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String name : names) {
      for (String folder : path.split(Pattern.quote(File.pathSeparator))) {
        if (Path.of(folder, name).toFile().canExecute()) {
          return name;
        }
      }
    }
    Assumptions.abort("not installed, so not tried: " + String.join(", ", names));
    throw new AssertionError("not reached");
  }

  private static Process launch(String... command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Waits on another thread, so that the loop can serve the process. */
  private static String outputOf(Process process) {
    try {
      return Asyncio.toThread(
              () -> {
                byte[] output = process.getInputStream().readAllBytes();
                assertEquals(0, process.waitFor());
                return text(output);
              })
          .await();
    } finally {
      process.destroy();
    }
  }

  private static Server serve(ClientConnected handler) {
    return dev.asyncio.stream.Streams.startServer(
            Asyncio.runningLoop(),
            handler,
            List.of(HOST),
            0,
            ServerOptions.defaults(),
            StreamOptions.defaults())
        .await();
  }

  private static Connection connect(int port) {
    return dev.asyncio.stream.Streams.openConnection(
            Asyncio.runningLoop(), HOST, port, ConnectOptions.defaults(), StreamOptions.defaults())
        .await();
  }

  private static void stop(Server server) {
    server.close();
    server.closeClients();
    server.waitClosed().await();
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      byte[] data;
      while ((data = reader.read(65_536).await()).length > 0) {
        writer.write(data);
        writer.drain().await();
      }
    }
  }

  @Test
  void a_python_asyncio_client_gets_its_data_back() {
    String python = installed("python3");
    String script =
        """
        import asyncio, hashlib, sys

        async def client(port, size):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            data = bytes(i * 7 % 251 for i in range(size))
            async def send():
                for at in range(0, size, 10007):
                    writer.write(data[at:at + 10007])
                    await writer.drain()
                writer.write_eof()
            sending = asyncio.ensure_future(send())
            back = await reader.read()
            await sending
            writer.close()
            await writer.wait_closed()
            return back == data

        async def main(port):
            same = await asyncio.gather(*(client(port, n) for n in (0, 1, 1000, 70000, 3000000)))
            print(all(same))

        asyncio.run(main(int(sys.argv[1])))
        """;
    run(() -> {
      Server server = serve(RealPeersTest::echo);
      Process client = launch(python, "-c", script, Integer.toString(port(server)));
      assertEquals("True\n", outputOf(client));
      stop(server);
    });
  }

  @Test
  void a_python_asyncio_server_answers_our_clients() {
    String python = installed("python3");
    String script =
        """
        import asyncio

        async def handle(reader, writer):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.write_eof()

        async def main():
            server = await asyncio.start_server(handle, "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()

        asyncio.run(main())
        """;
    run(() -> {
      Process server = launch(python, "-c", script);
      try {
        BufferedReader output = server.inputReader(StandardCharsets.US_ASCII);
        int port = Integer.parseInt(Asyncio.toThread(output::readLine).await());
        List<Task<?>> clients = new ArrayList<>();
        for (int size : new int[] {0, 1, 1000, 70_000, 3_000_000}) {
          byte[] data = new byte[size];
          new Random(size).nextBytes(data);
          clients.add(
              Asyncio.createTask(
                  Asyncio.async(() -> {
                    try (Connection client = connect(port)) {
                      client.writer().write(data);
                      client.writer().writeEof();
                      assertArrayEquals(data, client.reader().read().await());
                    }
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

  @Test
  void curl_fetches_a_page_from_a_server_of_streams() {
    String curl = installed("curl");
    run(() -> {
      List<String> requests = new ArrayList<>();
      Server server =
          serve((reader, writer) -> {
            try (writer) {
              requests.add(text(reader.readUntil(bytes("\r\n\r\n")).await()));
              writer.writeLines(
                  List.of(
                      bytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n"),
                      bytes("Connection: close\r\n\r\n")));
              for (int i = 0; i < 1000; i++) {
                writer.write(bytes("x".repeat(100)));
                writer.drain().await();
              }
            }
          });
      Process client =
          launch(curl, "--silent", "--show-error", "http://127.0.0.1:" + port(server) + "/page");
      assertEquals("x".repeat(100_000), outputOf(client));
      assertTrue(requests.getFirst().startsWith("GET /page HTTP/1.1\r\n"));
      stop(server);
    });
  }

  @Test
  void curl_uploads_a_body_to_a_server_of_streams() {
    String curl = installed("curl");
    run(() -> {
      Server server =
          serve((reader, writer) -> {
            try (writer) {
              int length = 0;
              for (byte[] line : reader) {
                String header = text(line).trim();
                if (header.isEmpty()) {
                  break;
                }
                if (header.startsWith("Content-Length: ")) {
                  length = Integer.parseInt(header.substring(16));
                }
              }
              byte[] body = reader.readExactly(length).await();
              writer.write(bytes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body.length));
            }
          });
      Process client =
          launch(
              curl,
              "--silent",
              "--show-error",
              "--header",
              "Expect:",
              "--data-binary",
              "b".repeat(70_000),
              "http://127.0.0.1:" + port(server) + "/");
      assertEquals("70000", outputOf(client));
      stop(server);
    });
  }

  @Test
  void netcat_talks_to_our_server_and_ends_with_it() {
    String netcat = installed("nc", "ncat", "netcat");
    run(() -> {
      Server server =
          serve((reader, writer) -> {
            try (writer) {
              byte[] name = reader.readLine().await();
              writer.write(bytes("hello " + text(name)));
            }
          });
      Process client = launch(netcat, HOST, Integer.toString(port(server)));
      client.getOutputStream().write(bytes("netcat\n"));
      client.getOutputStream().close(); // it then goes on until the connection ends
      assertEquals("hello netcat\n", outputOf(client));
      stop(server);
    });
  }

  @Test
  void a_python_peer_that_resets_is_an_error_here() {
    String python = installed("python3");
    String script =
        """
        import socket, struct, sys

        peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        peer.recv(1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        """;
    run(() -> {
      var outcome = Asyncio.runningLoop().<Throwable>createFuture();
      Server server =
          serve((reader, writer) -> {
            writer.write(bytes("x"));
            try {
              reader.read(1).await(IOException.class);
              outcome.setException(new AssertionError("no error"));
            } catch (IOException exc) {
              outcome.setResult(exc);
            }
          });
      Process client = launch(python, "-c", script, Integer.toString(port(server)));
      assertNotNull(outcome.await());
      assertEquals("", outputOf(client));
      stop(server);
    });
  }
}

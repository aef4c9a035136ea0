package dev.asyncio.net;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Unix sockets with programs that we did not write, where they are installed. */
@Timeout(120)
class UnixPeersTest {
  private static final String PYTHON_CLIENT =
      """
      import asyncio, sys
      if sys.argv[1] == "uvloop":
          import uvloop
          uvloop.install()

      async def client(path, size):
          reader, writer = await asyncio.open_unix_connection(path)
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

      async def main(path):
          print(all(await asyncio.gather(*(client(path, n) for n in (0, 1, 1000, 3000000)))))

      asyncio.run(main(sys.argv[2]))
      """;

  private static final String PYTHON_SERVER =
      """
      import asyncio, sys
      if sys.argv[1] == "uvloop":
          import uvloop
          uvloop.install()

      async def handle(reader, writer):
          while data := await reader.read(65536):
              writer.write(data)
              await writer.drain()
          writer.write_eof()

      async def main(path):
          server = await asyncio.start_unix_server(handle, path)
          print("up", flush=True)
          await server.serve_forever()

      asyncio.run(main(sys.argv[2]))
      """;

  @TempDir Path folder;

  private Path path() {
    return folder.resolve("s");
  }

  private Server serve(ClientConnected handler) {
    return Asyncio.startUnixServer(handler, path()).await();
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

  private void a_python_client_gets_its_data_back(String python, String loop) {
    run(() -> {
      Server server = serve(UnixPeersTest::echo);
      Process client = Programs.launch(python, "-c", PYTHON_CLIENT, loop, path().toString());
      assertEquals("True\n", Programs.outputOf(client, ""));
      stop(server);
    });
  }

  private void a_python_server_answers_our_clients(String python, String loop) {
    run(() -> {
      Process server = Programs.launch(python, "-c", PYTHON_SERVER, loop, path().toString());
      try {
        assertEquals("up", Programs.lineOf(server));
        for (int size : new int[] {0, 1, 1000, 70_000, 3_000_000}) {
          byte[] data = new byte[size];
          new Random(size).nextBytes(data);
          try (Connection client = Asyncio.openUnixConnection(path()).await()) {
            client.writer().write(data);
            client.writer().writeEof();
            assertArrayEquals(data, client.reader().read().await());
          }
        }
      } finally {
        server.destroy();
      }
    });
  }

  @Test
  void a_python_asyncio_client_gets_its_data_back() {
    a_python_client_gets_its_data_back(Programs.installed("python3"), "asyncio");
  }

  @Test
  void a_uvloop_client_gets_its_data_back() throws IOException {
    a_python_client_gets_its_data_back(Programs.pythonWith("uvloop"), "uvloop");
  }

  @Test
  void a_python_asyncio_server_answers_our_clients() {
    a_python_server_answers_our_clients(Programs.installed("python3"), "asyncio");
  }

  @Test
  void a_uvloop_server_answers_our_clients() throws IOException {
    a_python_server_answers_our_clients(Programs.pythonWith("uvloop"), "uvloop");
  }

  @Test
  void curl_fetches_a_page() {
    String curl = Programs.installed("curl");
    run(() -> {
      Server server =
          serve((reader, writer) -> {
            try (writer) {
              reader.readUntil(bytes("\r\n\r\n")).await();
              writer.writeLines(
                  List.of(
                      bytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n"),
                      bytes("Connection: close\r\n\r\n"),
                      bytes("x".repeat(100_000))));
              writer.drain().await();
            }
          });
      Process client =
          Programs.launch(curl, "-sS", "--unix-socket", path().toString(), "http://localhost/page");
      assertEquals("x".repeat(100_000), Programs.outputOf(client, ""));
      stop(server);
    });
  }

  private void a_program_says_a_line_and_hears_the_answer(String... command) {
    run(() -> {
      Server server =
          serve((reader, writer) -> {
            try (writer) {
              writer.write(bytes("hello " + text(reader.readLine().await())));
            }
          });
      assertEquals("hello you\n", Programs.outputOf(Programs.launch(command), "you\n"));
      stop(server);
    });
  }

  @Test
  void netcat_talks_to_our_server() {
    String netcat = Programs.installed("nc", "netcat");
    a_program_says_a_line_and_hears_the_answer(netcat, "-U", path().toString());
  }

  @Test
  void socat_talks_to_our_server() {
    String socat = Programs.installed("socat");
    a_program_says_a_line_and_hears_the_answer(socat, "-t", "5", "-", "UNIX:" + path());
  }

  @Test
  void our_client_talks_to_a_socat_server_that_pipes_through_cat() {
    String socat = Programs.installed("socat");
    run(() -> {
      Process server = Programs.launch(socat, "UNIX-LISTEN:" + path() + ",fork", "EXEC:/bin/cat");
      try {
        while (!path().toFile().exists()) {
          Loopback.ticks(1);
        }
        Connection client = null;
        while (client == null) { // it binds first and listens a moment later
          try {
            client = Asyncio.openUnixConnection(path()).await(IOException.class);
          } catch (IOException notYet) {
            Loopback.ticks(1);
          }
        }
        try (Connection open = client) {
          open.writer().write(bytes("through cat"));
          open.writer().writeEof();
          assertEquals("through cat", text(open.reader().read().await()));
        }
      } finally {
        server.destroy();
      }
    });
  }
}

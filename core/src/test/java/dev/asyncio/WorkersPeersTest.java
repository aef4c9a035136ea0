package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.openConnection;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.tls;
import static dev.asyncio.WorkersLink.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.stream.ClientConnected;
import dev.asyncio.tls.Identity;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers and programs that we did not write; TLS, IPv6, Unix sockets and signals. */
@Timeout(120)
class WorkersPeersTest {

  static List<PortSharing> sharings() {
    return WorkersLink.sharings();
  }

  private static final ClientConnected PAGE =
      (reader, writer) -> {
        try (writer) {
          await(reader.readUntil("\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
          writer.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                  .getBytes(StandardCharsets.US_ASCII));
          await(writer.drain());
        }
      };

  private static Function<Worker, Coroutine<?>> serving(
      WorkersLink link, ClientConnected handler, String host, ServerOptions options) {
    return worker ->
        async(() -> {
          Server server =
              await(
                  worker.startServer(handler, List.of(host), 0, options, StreamOptions.defaults()));
          link.serves(server);
          await(server.serveForever());
        });
  }

  /** What a program says; ends the test where it is not installed. */
  private static String outputOf(String... command) {
    return Asyncio.toThread(
            () -> {
              Process process;
              try {
                process = new ProcessBuilder(command).redirectErrorStream(true).start();
              } catch (IOException notThere) {
                return Assumptions.<String>abort("not installed, so not tried: " + command[0]);
              }
              process.getOutputStream().close();
              String said = WorkersLink.text(process.getInputStream().readAllBytes());
              assertEquals(0, process.waitFor(), said);
              return said;
            })
        .await();
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void curl_fetches_pages_over_ipv4_and_ipv6(PortSharing sharing) {
    for (String host : List.of("127.0.0.1", "::1")) {
      run(
          async(() -> {
            var link = new WorkersLink();
            var main = serving(link, PAGE, host, ServerOptions.defaults());
            try (var workers = Workers.start(main, options(2, sharing))) {
              link.untilServing(2);
              String url =
                  "http://" + (host.equals("::1") ? "[::1]" : host) + ":" + await(link.port);
              for (int i = 0; i < 10; i++) {
                assertEquals("hello", outputOf("curl", "--silent", "--show-error", "-g", url));
              }
              long accepted =
                  workers.statistics().stream().mapToLong(WorkerStatistics::accepted).sum();
              assertEquals(10, accepted);
            }
          }));
    }
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void curl_fetches_pages_over_tls(PortSharing sharing, @TempDir Path folder) {
    String certificate = Identity.LOCALHOST.pem(folder).toString();
    run(
        async(() -> {
          var link = new WorkersLink();
          var options = ServerOptions.defaults().ssl(Identity.LOCALHOST.trusting());
          try (var _ =
              Workers.start(serving(link, PAGE, "127.0.0.1", options), options(2, sharing))) {
            link.untilServing(2);
            String url = "https://127.0.0.1:" + await(link.port);
            for (int i = 0; i < 4; i++) {
              assertEquals(
                  "hello",
                  outputOf("curl", "--silent", "--show-error", "--cacert", certificate, url));
            }
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void every_worker_speaks_tls(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var _ =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server =
                            await(
                                worker.startServer(
                                    WorkersLink.naming(worker),
                                    "127.0.0.1",
                                    0,
                                    tls(Identity.LOCALHOST.trusting())));
                        link.serves(server);
                        await(server.serveForever());
                      }),
                  options(2, sharing))) {
            link.untilServing(2);
            var client = tls(Identity.LOCALHOST.trusted());
            Set<String> answered = new HashSet<>();
            while (answered.size() < 2) {
              try (var connection = await(openConnection("127.0.0.1", await(link.port), client))) {
                answered.add(WorkersLink.text(await(connection.reader().readLine())));
              }
            }
          }
        }));
  }

  private static final String PYTHON_CLIENTS =
      """
      import asyncio, sys
      async def one(i):
          reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
          writer.write(b"line %d\\n" % i)
          answer = (await reader.readline()).decode().strip()
          writer.close()
          worker, said = answer.split(":")
          assert said == "line %d" % i, answer
          return worker
      async def main():
          print(sorted(set(await asyncio.gather(*[one(i) for i in range(200)]))))
      asyncio.run(main())
      """;

  @ParameterizedTest
  @MethodSource("sharings")
  void two_hundred_clients_of_cpythons_asyncio_reach_all_workers(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var _ = Workers.start(link.main(WorkersLink::echoing), options(3, sharing))) {
            link.untilServing(3);
            String port = Integer.toString(await(link.port));
            assertEquals("['0', '1', '2']\n", outputOf("python3", "-c", PYTHON_CLIENTS, port));
          }
        }));
  }

  @Test
  void a_unix_socket_is_handed_out_from(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("socket");
    try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(path));
      run(
          async(() -> {
            var link = new WorkersLink();
            try (var _ =
                Workers.start(
                    worker ->
                        async(() -> {
                          Server server =
                              await(
                                  worker.startServer(
                                      WorkersLink.naming(worker),
                                      List.of(),
                                      0,
                                      ServerOptions.defaults().sock(socket),
                                      StreamOptions.defaults()));
                          link.serving.incrementAndGet();
                          await(server.serveForever());
                        }),
                    WorkersOptions.defaults().loops(2))) {
              link.untilServing(2);
              Set<String> answered = new HashSet<>();
              for (int i = 0; i < 2; i++) {
                try (var connection = await(Asyncio.openUnixConnection(path))) {
                  answered.add(WorkersLink.text(await(connection.reader().readLine())));
                }
              }
              assertEquals(Set.of("0\n", "1\n"), answered);
            }
          }));
      assertTrue(!socket.isOpen());
    }
  }

  @Test
  void sigterm_lets_the_request_under_way_be_answered_and_mains_clean_up() throws Exception {
    Signals.assumed();
    var outcome = ChildJvm.run(WorkersProgram.class, "TERM");
    assertEquals(
        List.of("answered", "cleaning up", "cleaning up", "exit 143"),
        outcome.out().stream().sorted().toList(),
        outcome.err());
    assertEquals("exit 143", outcome.out().getLast());
  }

  @Test
  void ctrl_c_does_the_same() throws Exception {
    Signals.assumed();
    var outcome = ChildJvm.run(WorkersProgram.class, "INT");
    assertEquals(
        List.of("answered", "cleaning up", "cleaning up", "interrupted"),
        outcome.out().stream().sorted().toList(),
        outcome.err());
  }
}

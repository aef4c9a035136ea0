package dev.asyncio.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.cli.Script.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/Crawler.java} on sites that it did not write; they are served by Python. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CrawlerTest {
  private static final String CRAWLER = Script.HOME.resolve("examples/Crawler.java").toString();

  @TempDir Path folder;
  private final List<Process> servers = new ArrayList<>();

  @BeforeEach
  void pythonIsThere() {
    Assumptions.assumeTrue(
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(entry -> Files.isExecutable(Path.of(entry, "python3"))),
        "no python3 on the PATH");
  }

  @AfterEach
  void stopServers() {
    servers.forEach(Process::destroyForcibly);
  }

  @Test
  void every_fault_of_a_site_is_reported_and_none_is_fatal() throws Exception {
    Path script = folder.resolve("site.py");
    try (var in = CrawlerTest.class.getResourceAsStream("faulty_site.py")) {
      Files.copy(in, script);
    }
    int port = serve("python3", script.toString());
    String site = "http://127.0.0.1:" + port + "/";
    Ended ended = new Script(folder).run(CRAWLER, site, "--timeout", "2", "--concurrency", "5");

    String out = ended.out();
    assertAll(
        () -> assertEquals(0, ended.status(), ended.err()),
        () -> assertEquals("", ended.err()),
        () -> assertCount(8, "200", out), // home, three pages, data, picture, target, chunked
        () -> assertCount(1, "302", out),
        () -> assertCount(2, "404", out), // missing, and what only the chunks link to
        () -> assertCount(1, "timeout", out),
        () -> assertCount(3, "closed early", out), // early, cut, silent
        () -> assertCount(2, "not HTTP", out),
        () -> assertTrue(out.contains(site + "from-chunks, linked from " + site + "chunked"), out),
        () -> assertTrue(!out.contains("/private/x"), out),
        () -> assertTrue(out.contains("robots.txt asks: [/private/]"), out),
        () -> assertTrue(!out.contains("elsewhere"), out),
        () -> assertTrue(!out.contains("\033"), "no progress bar into a file: " + out));
  }

  @Test
  void the_http_server_of_python_is_crawled_to_its_last_page() throws Exception {
    Path site = Files.createDirectories(folder.resolve("site/deeper down"));
    Files.writeString(site.resolve("leaf.html"), "<a href=gone.html>gone</a>");
    for (int i = 0; i < 50; i++) {
      Files.writeString(
          site.resolveSibling("page" + i + ".html"), "<a href='page0.html'>first</a>");
    }
    int port =
        serve(
            "python3",
            "-u",
            "-m",
            "http.server",
            "0",
            "--bind",
            "127.0.0.1",
            "--directory",
            site.getParent().toString());
    Ended ended = new Script(folder).run(CRAWLER, "http://127.0.0.1:" + port);

    assertEquals(0, ended.status(), ended.err());
    assertCount(53, "200", ended.out()); // two listings, a leaf and fifty pages
    assertCount(1, "404", ended.out());
    assertTrue(ended.out().contains("the sum of all waiting"), ended.out());
  }

  @Test
  void a_site_that_is_not_there_is_reported() throws Exception {
    Ended ended = new Script(folder).run(CRAWLER, "http://127.0.0.1:1/");
    assertEquals(0, ended.status(), ended.err());
    assertTrue(ended.out().contains("1 visited, 0 bytes"), ended.out());
  }

  @Test
  void wrong_arguments_are_answered_with_the_usage() throws Exception {
    for (String wrong :
        List.of("https://localhost/", "--concurrency", "--concurrency=2", "http://x:99999/")) {
      Ended ended = new Script(folder).run(CRAWLER, wrong);
      assertEquals(2, ended.status(), wrong);
      assertTrue(ended.err().startsWith("usage: Crawler.java"), ended.err());
    }
  }

  private static void assertCount(int count, String outcome, String out) {
    assertTrue(
        out.lines().anyMatch(line -> line.strip().equals(count + "  " + outcome)),
        () -> "not " + count + " times " + outcome + " in\n" + out);
  }

  /** Starts a server and returns the port that is the first number of five digits or so it says. */
  private int serve(String... command) throws IOException {
    Process server = new ProcessBuilder(command).redirectErrorStream(true).start();
    servers.add(server);
    String said = server.inputReader().readLine();
    return Integer.parseInt(said.replaceFirst(".*?(?:listening on| port) (\\d+).*", "$1"));
  }
}

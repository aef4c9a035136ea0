// Crawler: reads a whole web site, many pages at a time, on one thread.
//
//   ./asyncio run examples/Crawler.java
//       crawls a site of its own: the library's Javadoc, served by this very program, on the same
//       thread, with the latency of a server far away
//
//   ./asyncio run examples/Crawler.java http://localhost:8000/ --concurrency 50 --timeout 5
//       crawls that site: it follows the links that stay there, leaves alone what robots.txt asks
//       to leave alone, has at most 50 requests under way, and waits at most 5 s for each
//
// Whatever goes wrong (broken links, no answer, half an answer) is part of the report.

import static dev.asyncio.Asyncio.*;
import static java.nio.charset.StandardCharsets.*;
import static java.time.Duration.*;

import dev.asyncio.*;
import dev.asyncio.stream.*;
import java.net.*;

void main(String[] args) {
  readOptions(args);
  run(start != null ? crawl() : serveAndCrawl());
}

Coroutine<Void> serveAndCrawl() {
  return async(() -> {
    Path site = javadoc();
    Server server = await(startServer((in, out) -> answer(site, in, out), "127.0.0.1", 0));
    try (var _ = server.serving()) {
      var address = (InetSocketAddress) server.sockets().getFirst().getSockName();
      start = URI.create("http://127.0.0.1:" + address.getPort() + "/");
      await(crawl());
    }
  });
}

// ------------------------------------------------------------------------------------ the crawl

URI start; // null: a site of our own
int concurrency = 10;
Duration patience = ofSeconds(10);

// All tasks share these without a lock: they run on one thread, and change over only at an await.
final Set<URI> seen = new HashSet<>();
final List<Visit> visits = new ArrayList<>();
int underWay;
Duration began;
Semaphore slots;
List<String> offLimits = List.of();

/** What became of one address. The outcome is a status, or the name of a mishap. */
record Visit(URI url, URI linkedFrom, String outcome, long bytes, Duration took) {}

Coroutine<Void> crawl() {
  return async(() -> {
    began = now();
    slots = new Semaphore(concurrency);
    Task<Void> bar = createTask(showProgress());
    try {
      offLimits = robotsRules();
      taskGroup(group -> { // ends when the last page is done
        follow(start, start, group);
      });
    } finally {
      bar.cancel();
      report();
    }
  });
}

/** Every new address becomes a task at once: tasks are cheap, and the semaphore holds them back. */
void follow(URI url, URI linkedFrom, TaskGroup group) {
  if (isInside(url) && seen.add(url)) {
    group.createTask(visit(url, linkedFrom, group));
  }
}

boolean isInside(URI url) {
  return "http".equals(url.getScheme())
      && start.getRawAuthority().equals(url.getRawAuthority())
      && offLimits.stream().noneMatch(url.getRawPath()::startsWith);
}

Coroutine<Void> visit(URI url, URI linkedFrom, TaskGroup group) {
  return async(() -> {
    List<URI> links = List.of();
    try (var _ = await(slots.hold())) {
      Duration sent = now();
      underWay++;
      String outcome;
      long bytes = 0;
      try {
        Response response = timeout(patience, () -> get(url));
        outcome = Integer.toString(response.status());
        bytes = response.body().length;
        links = links(url, response);
      } catch (Exception e) { // a cancellation is an Error, and passes
        outcome = mishap(e);
      } finally {
        underWay--;
      }
      visits.add(new Visit(url, linkedFrom, outcome, bytes, now().minus(sent)));
    }
    links.forEach(link -> follow(link, url, group));
  });
}

String mishap(Exception e) throws Exception {
  return switch (e) {
    case TimeoutException _ -> "timeout";
    case IncompleteReadException _ -> "closed early";
    case LimitOverrunException _ -> "not HTTP"; // a line without an end
    case UnknownHostException _ -> "unknown host";
    case IOException _ -> e.getMessage(); // refused, reset, not HTTP, ...
    default -> throw e; // a mistake of ours
  };
}

final Pattern robotsLine = Pattern.compile("(?im)^(user-agent|disallow):[ \t]*([^#\\s]*)");

/** What robots.txt asks all crawlers to leave alone: the beginnings of paths. */
List<String> robotsRules() {
  List<String> rules = new ArrayList<>();
  try {
    Response robots = timeout(patience, () -> get(start.resolve("/robots.txt")));
    Matcher line = robotsLine.matcher(robots.status() == 200 ? robots.text() : "");
    for (boolean forAll = false; line.find(); ) {
      if (line.group(1).equalsIgnoreCase("user-agent")) {
        forAll = line.group(2).equals("*");
      } else if (forAll && !line.group(2).isEmpty()) {
        rules.add(line.group(2));
      }
    }
  } catch (Exception e) {
    return rules; // what is wrong with the server will show soon enough
  }
  return rules;
}

Duration now() {
  return runningLoop().time();
}

// -------------------------------------------------------------------------- the links of a page

final Pattern linkTag =
    Pattern.compile("(?i)<[a-z][^>]*?\\s(?:href|src)\\s*=\\s*(?:\"([^\"]*)|'([^']*)|([^\\s>]+))");

/** Where a response leads: what a page links to, or the target of a redirect. */
List<URI> links(URI url, Response response) {
  List<String> targets = new ArrayList<>();
  if (response.status() / 100 == 3) {
    targets.add(response.header("location"));
  }
  if (response.header("content-type").startsWith("text/html")) {
    linkTag
        .matcher(response.text())
        .results()
        .flatMap(found -> Stream.of(found.group(1), found.group(2), found.group(3)))
        .filter(Objects::nonNull)
        .forEach(targets::add);
  }
  List<URI> links = new ArrayList<>();
  for (String target : targets) {
    String address = target.replaceFirst("#.*", "").strip().replace("&amp;", "&");
    try {
      if (!address.isEmpty()) {
        URI link = url.resolve(address.replace(" ", "%20")).normalize();
        links.add(URI.create(link.toASCIIString()));
      }
    } catch (IllegalArgumentException e) {
      continue; // no address at all
    }
  }
  return links;
}

// ------------------------------------------------------------------------- a tiny HTTP client

record Response(int status, Map<String, String> headers, byte[] body) {
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  String text() {
    return new String(body, UTF_8);
  }
}

final int largestBody = 64 << 20;

/** GET, over a connection of its own. */
Response get(URI url) throws IOException {
  int port = url.getPort() < 0 ? 80 : url.getPort();
  try (var connection = await(openConnection(url.getHost(), port), IOException.class)) {
    StreamReader in = connection.reader();
    StreamWriter out = connection.writer();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    out.write(
        ascii(
            "GET " + url.getRawPath() + query + " HTTP/1.1\r\n",
            "Host: " + url.getRawAuthority() + "\r\n",
            "User-Agent: asyncio-crawler\r\n",
            "Connection: close\r\n\r\n"));
    await(out.drain());

    int status = status(line(in));
    Map<String, String> headers = headers(in);
    return new Response(status, headers, body(in, headers));
  }
}

int status(String line) throws IOException {
  if (!line.matches("HTTP/1\\.\\d \\d{3}( .*)?")) {
    throw new ProtocolException("not HTTP");
  }
  return Integer.parseInt(line.substring(9, 12));
}

Map<String, String> headers(StreamReader in) throws IOException {
  Map<String, String> headers = new HashMap<>();
  for (String line = line(in); !line.isEmpty(); line = line(in)) {
    String[] header = line.split(":", 2);
    if (header.length < 2 || headers.size() == 100) {
      throw new ProtocolException("bad headers");
    }
    headers.put(header[0].toLowerCase(), header[1].strip());
  }
  return headers;
}

/** The body: in chunks, or of a given length, or all there is until the server closes. */
byte[] body(StreamReader in, Map<String, String> headers) throws IOException {
  var body = new ByteArrayOutputStream();
  if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
    int size;
    do {
      size = size(line(in).replaceFirst(";.*", ""), 16);
      append(body, await(in.readExactly(size)));
      line(in);
    } while (size > 0);
  } else if (headers.containsKey("content-length")) {
    append(body, await(in.readExactly(size(headers.get("content-length"), 10))));
  } else {
    while (!in.atEof()) {
      append(body, await(in.read(65536)));
    }
  }
  return body.toByteArray();
}

void append(ByteArrayOutputStream body, byte[] part) throws IOException {
  if (body.size() + part.length > largestBody) {
    throw new ProtocolException("too large");
  }
  body.writeBytes(part);
}

int size(String digits, int radix) throws IOException {
  try {
    return Objects.checkIndex(Integer.parseUnsignedInt(digits.strip(), radix), largestBody);
  } catch (NumberFormatException | IndexOutOfBoundsException e) {
    throw new ProtocolException("bad length");
  }
}

/** One line, without its end. If the connection ends first: IncompleteReadException. */
String line(StreamReader in) {
  return new String(await(in.readUntil(ascii("\n"))), ISO_8859_1).stripTrailing();
}

byte[] ascii(String... text) {
  return String.join("", text).getBytes(US_ASCII);
}

// ------------------------------------------------------------------------- progress and report

final boolean onTerminal = System.console() != null;

Coroutine<Void> showProgress() {
  return async(() -> {
    while (onTerminal) {
      int filled = 30 * visits.size() / Math.max(1, seen.size());
      String bar = "█".repeat(filled) + "░".repeat(30 - filled);
      print("\r%s %d of %d, %d under way \033[K", bar, visits.size(), seen.size(), underWay);
      await(sleep(ofMillis(100)));
    }
  });
}

void report() {
  double wall = seconds(now().minus(began));
  double waiting = visits.stream().mapToDouble(visit -> seconds(visit.took())).sum();
  long bytes = visits.stream().mapToLong(Visit::bytes).sum();
  String clear = onTerminal ? "\r\033[K" : "";
  print("%s%s  %,d visited, %,d bytes%n", clear, start, visits.size(), bytes);

  var counts =
      visits.stream()
          .collect(Collectors.groupingBy(Visit::outcome, TreeMap::new, Collectors.counting()));
  counts.forEach((outcome, count) -> print("%6d  %s%n", count, outcome));

  print(offLimits.isEmpty() ? "" : "left alone, as robots.txt asks: %s%n", offLimits);

  print("slowest%n");
  visits.stream()
      .sorted(Comparator.comparing(Visit::took).reversed())
      .limit(5)
      .forEach(visit -> print("%6.3f  %s%n", seconds(visit.took()), visit.url()));

  var broken = visits.stream().filter(visit -> !visit.outcome().matches("[123]..")).toList();
  print(broken.isEmpty() ? "" : "broken%n");
  broken.stream()
      .limit(20)
      .forEach(v -> print("  %s  %s, linked from %s%n", v.outcome(), v.url(), v.linkedFrom()));
  print(broken.size() > 20 ? "  and %d more%n" : "", broken.size() - 20);
  print(
      "wall time %.2f s; the sum of all waiting %.2f s, %.1f times as much, shared by one thread%n",
      wall, waiting, waiting / wall);
}

void print(String format, Object... values) {
  IO.print(format.formatted(values));
}

double seconds(Duration duration) {
  return duration.toNanos() / 1e9;
}

// ---------------------------------------------------------------------------- a site of our own

/** Sends the file that a request asks for, as late as if it came from far away. */
void answer(Path site, StreamReader in, StreamWriter out) {
  try (out) {
    String path = line(in).split(" ")[1];
    while (!line(in).isEmpty()) {} // the headers tell nothing we need
    await(sleep(ofMillis(50)));

    Path file = site.resolve("." + path + (path.endsWith("/") ? "index.html" : "")).normalize();
    boolean found = file.startsWith(site) && Files.isRegularFile(file);
    byte[] body = found ? await(toThread(() -> Files.readAllBytes(file))) : new byte[0];
    out.write(
        ascii(
            "HTTP/1.1 " + (found ? "200 OK" : "404 Not Found") + "\r\n",
            "Content-Type: " + URLConnection.guessContentTypeFromName(file.toString()) + "\r\n",
            "Content-Length: " + body.length + "\r\n\r\n"));
    out.write(body);
    await(out.drain(), IOException.class);
  } catch (IncompleteReadException | IOException e) {
    return; // the visitor has left
  }
}

/** The folder with the library's Javadoc. The first time, the JDK's own tool writes it. */
Path javadoc() throws IOException {
  Path home = Path.of(System.getProperty("asyncio.home", ".."));
  Path site = home.resolve("examples/target/site");
  if (!Files.exists(site)) {
    print("Writing the Javadoc to crawl, this once ...%n");
    Path unfinished = site.resolveSibling("unfinished");
    var arguments = new ArrayList<>(List.of("-quiet", "-linksource", "-use", "-Xdoclint:none"));
    arguments.addAll(List.of("--ignore-source-errors", "-d", unfinished.toString()));
    try (var sources = Files.walk(home.resolve("core/src/main/java/dev"))) {
      sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    await(toThread(() -> writeJavadoc(arguments)));
    Files.move(unfinished, site);
  }
  return site;
}

int writeJavadoc(List<String> arguments) {
  var ignored = new PrintWriter(Writer.nullWriter());
  var javadoc = ToolProvider.findFirst("javadoc").orElseThrow();
  return javadoc.run(ignored, ignored, arguments.toArray(String[]::new));
}

// ----------------------------------------------------------------------------- the command line

void readOptions(String[] args) {
  try {
    for (var rest = List.of(args).iterator(); rest.hasNext(); ) {
      switch (rest.next()) {
        case "--concurrency" -> concurrency = Integer.parseInt(rest.next());
        case "--timeout" -> patience = ofSeconds(Integer.parseInt(rest.next()));
        case String url when url.startsWith("http://") ->
            start = new URI(url.matches("http://[^/]+") ? url + "/" : url);
        default -> throw new IllegalArgumentException();
      }
    }
    if (concurrency < 1 || start != null && (start.getHost() == null || start.getPort() > 65535)) {
      throw new IllegalArgumentException();
    }
  } catch (IllegalArgumentException | NoSuchElementException | URISyntaxException e) {
    System.err.println("usage: Crawler.java [http://SITE/] [--concurrency N] [--timeout SECONDS]");
    System.exit(2);
  }
}

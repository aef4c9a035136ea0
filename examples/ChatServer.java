// ChatServer: one chat room on all cores. What somebody says, everybody hears.
//
//   ./asyncio run examples/ChatServer.java
//       has guests of its own come in, say hello and listen, and tells what each loop had to do
//
//   ./asyncio run examples/ChatServer.java 7000
//       opens the room for you (nc localhost 7000), until Ctrl-C; kill -HUP replaces the loops one
//       after the other, and whoever is in the room stays
//
// Each loop has its own guests, whom no other touches, so nothing needs a lock. A line goes to all
// loops, and each passes it on to its guests.

import static dev.asyncio.Asyncio.*;
import static java.nio.charset.StandardCharsets.*;
import static java.time.Duration.*;

import dev.asyncio.*;
import dev.asyncio.stream.*;
import java.net.*;
import java.util.concurrent.*;

static final int GUESTS = 40;

final Map<Worker, Set<StreamWriter>> guests =
    new ConcurrentHashMap<>(); // each set is its loop's own
final CompletableFuture<Integer> door = new CompletableFuture<>();

void main(String[] args) {
  int port = args.length == 0 ? 0 : Integer.parseInt(args[0]);
  run(
      async(() -> {
        try (var workers = Workers.start(worker -> room(worker, port))) {
          if (args.length == 0) {
            await(gather(IntStream.range(0, GUESTS).mapToObj(this::visit).toList()));
            report(workers);
          } else {
            var home = runningLoop();
            home.addSignalHandler("HUP", () -> home.createTask(workers.restart()));
            IO.println("the room is open on port " + await(door));
            await(workers.join());
          }
        }
      }),
      RunnerOptions.defaults().gracefulTermination(true));
}

/** What each loop does. */
Coroutine<Void> room(Worker worker, int port) {
  return async(() -> {
    guests.put(worker, new HashSet<>());
    var server = await(worker.startServer((in, out) -> talk(worker, in, out), null, port));
    door.complete(((InetSocketAddress) server.sockets().getFirst().getSockName()).getPort());
    await(server.serveForever());
  });
}

void talk(Worker worker, StreamReader in, StreamWriter out) {
  try (out) {
    guests.get(worker).add(out);
    out.write("welcome\n".getBytes(UTF_8));
    for (byte[] line; (line = await(in.readLine())).length > 0; ) {
      byte[] said = line;
      await(
          worker
              .workers()
              .broadcast(each ->
                  async(() -> {
                    guests.getOrDefault(each, Set.of()).forEach(guest -> guest.write(said));
                  })));
    }
  } finally {
    guests.get(worker).remove(out);
  }
}

// ------------------------------------------------------------------------------ guests of our own

final CountDownLatch inside = new CountDownLatch(GUESTS);

Coroutine<Void> visit(int number) {
  return async(() -> {
    try (var connection = await(openConnection("localhost", await(door)))) {
      await(connection.reader().readLine());
      inside.countDown();
      await(toThread(() -> inside.await())); // nobody speaks before all are there
      connection.writer().write(("hello from guest " + number + "\n").getBytes(UTF_8));
      for (int heard = 0; heard < GUESTS; heard++) {
        await(connection.reader().readLine());
      }
    }
  });
}

void report(Workers workers) {
  IO.println(GUESTS + " guests have heard " + GUESTS * GUESTS + " lines in all");
  for (WorkerStatistics loop : workers.statistics()) {
    IO.println(
        "loop %d: %d guests, %d turns"
            .formatted(loop.index(), loop.accepted(), loop.loop().turns()));
  }
}

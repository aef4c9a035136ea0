package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.WorkersLink.HOST;
import static dev.asyncio.WorkersLink.options;
import static dev.asyncio.WorkersLink.until;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.stream.Connection;
import java.io.IOException;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers replaced one after the other while clients come and go. */
@Timeout(120)
class WorkersRestartTest {
  private static final int RESTARTS = Integer.getInteger("asyncio.test.restarts", 10);

  static List<PortSharing> sharings() {
    return WorkersLink.sharings();
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void no_connection_is_refused_or_lost_in_a_rolling_restart(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers = Workers.start(link.main(WorkersLink::echoing), options(2, sharing))) {
            link.untilServing(2);
            int port = Asyncio.await(link.port);
            var over = new AtomicBoolean();
            var answers = new AtomicLong();
            List<Future<@Nullable Void>> clients =
                java.util.stream.IntStream.range(0, 4)
                    .mapToObj(_ ->
                        Asyncio.ensureFuture(Asyncio.toThread(() -> askUntil(over, port, answers))))
                    .toList();
            Set<Worker> all = new HashSet<>(workers.members());
            long before = 0;
            for (int i = 0; i < RESTARTS; i++) {
              workers.restart().await();
              all.addAll(workers.members());
              long enough = before + 50;
              until(() -> answers.get() > enough || clients.stream().anyMatch(Future::done));
              before = answers.get();
            }
            over.set(true);
            Asyncio.gather(clients).await();
            assertEquals(2 * (RESTARTS + 1), all.size());
          }
        }));
  }

  /** Connects again and again; anything but the right answer throws. */
  private static void askUntil(AtomicBoolean over, int port, AtomicLong answers)
      throws IOException {
    while (!over.get()) {
      try (var socket = new Socket(HOST, port)) {
        socket.getOutputStream().write("hello\n".getBytes());
        socket.shutdownOutput();
        String answer = WorkersLink.text(socket.getInputStream().readAllBytes());
        assertTrue(answer.endsWith(":hello\n"), answer);
        answers.incrementAndGet();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void a_connection_stays_with_the_old_worker_until_it_ends(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers = Workers.start(link.main(WorkersLink::echoing), options(1, sharing))) {
            try (var old = link.connect()) {
              WorkersLink.echo(old, "before");
              Worker before = workers.members().getFirst();
              Task<@Nullable Void> restarting = createTask(workers.restart());
              until(before::isStopping);
              assertEquals("0:still here", WorkersLink.echo(old, "still here"));
              try (var young = link.connect()) {
                assertEquals("0:new here", WorkersLink.echo(young, "new here"));
              }
              assertFalse(restarting.done());
              old.close();
              restarting.await();
              assertTrue(before.loop().isClosed());
              assertFalse(workers.members().getFirst().loop().isClosed());
            }
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void a_successor_that_fails_leaves_the_old_one_in_place(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          var broken = new AtomicBoolean();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        if (broken.get()) {
                          throw new IOException("bad configuration");
                        }
                        link.main(WorkersLink::naming).apply(worker).await();
                      }),
                  options(2, sharing))) {
            link.untilServing(2);
            List<Worker> before = workers.members();
            broken.set(true);
            var exc = assertThrows(IOException.class, () -> workers.restart().await());
            assertEquals("bad configuration", exc.getMessage());
            assertEquals(before, workers.members());
            assertEquals(1, link.ask().length());
            broken.set(false);
            workers.restart().await();
            assertEquals(1, link.ask().length());
          }
        }));
  }

  @Test
  void a_successor_that_does_not_serve_in_time_is_given_up() {
    run(
        async(() -> {
          var link = new WorkersLink();
          var starts = new AtomicInteger();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        if (starts.incrementAndGet() > 1) {
                          Asyncio.runningLoop().createFuture().await();
                        }
                        link.main(WorkersLink::naming).apply(worker).await();
                      }),
                  WorkersOptions.defaults().loops(1).startLimit(ofMillis(20)))) {
            link.ask();
            Worker before = workers.members().getFirst();
            assertThrows(TimeoutException.class, () -> workers.restart().await());
            assertSame(before, workers.members().getFirst());
            assertEquals("0", link.ask());
          }
        }));
  }

  @Test
  void a_restart_that_is_cancelled_leaves_all_serving() {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers =
              Workers.start(link.main(WorkersLink::echoing), options(2, PortSharing.HAND_OUT))) {
            link.untilServing(2);
            List<Connection> open = List.of(link.connect(), link.connect());
            for (Connection connection : open) {
              WorkersLink.echo(connection, "hold"); // each has one, so that no restart gets far
            }
            List<Worker> before = workers.members();
            Task<@Nullable Void> restarting = createTask(workers.restart());
            until(() -> before.getFirst().isStopping());
            restarting.cancel();
            assertThrows(CancelledError.class, restarting::await);
            assertSame(before.getLast(), workers.members().getLast());
            try (var another = link.connect()) {
              assertTrue(WorkersLink.echo(another, "fine").endsWith(":fine"));
            }
            open.forEach(Connection::close);
            workers.restart().await();
          }
        }));
  }

  @Test
  void stopping_in_the_middle_of_a_restart_ends_both_generations() {
    run(
        async(() -> {
          var link = new WorkersLink();
          var workers =
              Workers.start(link.main(WorkersLink::echoing), options(2, PortSharing.HAND_OUT));
          link.untilServing(2);
          List<Connection> open = List.of(link.connect(), link.connect());
          for (Connection connection : open) {
            WorkersLink.echo(connection, "hold"); // each has one, so that no restart gets far
          }
          Worker first = workers.members().getFirst();
          Task<@Nullable Void> restarting = createTask(workers.restart());
          until(first::isStopping);
          workers.stop(ofSeconds(0)).await();
          assertThrows(IllegalStateException.class, restarting::await);
          assertTrue(workers.members().stream().allMatch(worker -> worker.loop().isClosed()));
          assertThrows(IllegalStateException.class, () -> workers.restart().await());
          open.forEach(Connection::close);
          workers.close();
        }));
  }
}

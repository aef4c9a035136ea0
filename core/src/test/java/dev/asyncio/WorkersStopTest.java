package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.WorkersLink.HOST;
import static dev.asyncio.WorkersLink.options;
import static dev.asyncio.WorkersLink.until;
import static java.time.Duration.ZERO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers that are stopped while their main coroutines are starting. */
@Timeout(120)
class WorkersStopTest {
  private static final int STOPS = 10 * Integer.getInteger("asyncio.test.restarts", 10);

  static List<PortSharing> sharings() {
    return WorkersLink.sharings();
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void workers_can_be_stopped_at_any_moment_of_their_start(PortSharing sharing) {
    run(
        async(() -> {
          for (int i = 0; i < STOPS; i++) {
            var link = new WorkersLink();
            try (var workers = Workers.start(link.main(WorkersLink::naming), options(2, sharing))) {
              for (int turn = 0; turn < i % 200; turn++) {
                Coroutine.yieldNow().await();
              }
              workers.stop(ZERO).await();
              assertTrue(workers.members().stream().allMatch(one -> one.loop().isClosed()));
            }
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void a_main_that_gets_no_server_any_more_has_not_failed(PortSharing sharing) {
    var begun = new AtomicInteger();
    var refused = new AtomicInteger();
    run(
        async(() -> {
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        begun.incrementAndGet();
                        while (!worker.isStopping()) {
                          LockSupport.parkNanos(10_000);
                        }
                        try {
                          worker.startServer((_, _) -> {}, HOST, 0).await();
                        } catch (IllegalStateException stopping) {
                          refused.incrementAndGet();
                          throw stopping;
                        }
                      }),
                  options(2, sharing))) {
            until(() -> begun.get() == 2);
            workers.stop(ZERO).await();
          }
        }));
    assertEquals(2, refused.get());
  }

  @Test
  void a_main_whose_port_has_closed_has_not_failed() {
    var serving = new AtomicInteger();
    run(
        async(() -> {
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server = worker.startServer((_, _) -> {}, HOST, 0).await();
                        serving.incrementAndGet();
                        readPortUntilItCloses(server, worker.index() == 0);
                      }),
                  options(2, PortSharing.HAND_OUT))) {
            until(() -> serving.get() == 2);
            workers.stop(ZERO).await();
          }
        }));
  }

  /** As a main that says where it listens, at the wrong moment. */
  private static void readPortUntilItCloses(Server server, boolean unchecked) throws IOException {
    try {
      while (WorkersLink.portOf(server) > 0) {
        LockSupport.parkNanos(10_000);
      }
    } catch (IOException closed) {
      if (unchecked) {
        throw new UncheckedIOException(closed);
      }
      throw closed;
    }
  }

  @Test
  void what_else_a_main_fails_with_while_it_is_stopped_is_thrown() {
    var begun = new AtomicInteger();
    run(
        async(() -> {
          var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        begun.incrementAndGet();
                        failOnceStopping(worker);
                      }),
                  options(1, PortSharing.HAND_OUT));
          until(() -> begun.get() == 1);
          var exc = assertThrows(IOException.class, () -> workers.stop(ZERO).await());
          assertEquals("no configuration", exc.getMessage());
          workers.close();
        }));
  }

  private static void failOnceStopping(Worker worker) throws IOException {
    while (!worker.isStopping()) {
      LockSupport.parkNanos(10_000);
    }
    throw new IOException("no configuration");
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.WorkersLink.HOST;
import static dev.asyncio.WorkersLink.options;
import static dev.asyncio.WorkersLink.until;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.stream.Connection;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several loops behind one port: how they share it, fail, and stop. */
@Timeout(60)
class WorkersTest {

  static List<PortSharing> sharings() {
    return WorkersLink.sharings();
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void every_worker_gets_connections_to_the_one_port(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers = Workers.start(link.main(WorkersLink::naming), options(3, sharing))) {
            Set<String> answered = new HashSet<>();
            link.untilServing(3);
            int asked = 0;
            for (; asked < 300 && answered.size() < 3; asked++) {
              answered.add(link.ask());
            }
            assertEquals(Set.of("0", "1", "2"), answered, "after " + asked + " connections");
          }
        }));
  }

  @Test
  void connections_are_handed_out_in_turn() {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers =
              Workers.start(link.main(WorkersLink::naming), options(4, PortSharing.HAND_OUT))) {
            link.untilServing(4);
            for (int i = 0; i < 40; i++) {
              link.ask();
            }
            assertEquals(
                List.of(10L, 10L, 10L, 10L),
                workers.statistics().stream().map(WorkerStatistics::accepted).toList());
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void each_worker_has_a_thread_with_its_number_and_a_loop_of_its_own(PortSharing sharing) {
    Set<AbstractEventLoop> loops = ConcurrentHashMap.newKeySet();
    List<String> threads = new CopyOnWriteArrayList<>();
    run(
        async(() -> {
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        assertSame(worker.loop(), runningLoop());
                        loops.add(worker.loop());
                        worker.loop().callSoon(() -> threads.add(Thread.currentThread().getName()));
                        Coroutine.yieldNow().await();
                        Coroutine.yieldNow().await();
                      }),
                  options(3, sharing))) {
            workers.join().await();
          }
        }));
    assertEquals(3, loops.size());
    assertEquals(
        List.of("asyncio-worker-0", "asyncio-worker-1", "asyncio-worker-2"),
        threads.stream().sorted().toList());
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void protocols_are_served_as_streams_are(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var _ =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server =
                            worker
                                .createServer(Echo::new, List.of(HOST), 0, ServerOptions.defaults())
                                .await();
                        link.serves(server);
                        server.serveForever().await();
                      }),
                  options(2, sharing))) {
            link.untilServing(2);
            for (int i = 0; i < 20; i++) {
              try (var connection = link.connect()) {
                assertEquals("hello " + i, WorkersLink.echo(connection, "hello " + i));
              }
            }
          }
        }));
  }

  private static final class Echo implements Protocol {
    @SuppressWarnings("NullAway.Init") // connectionMade is the first callback
    private Transport transport;

    @Override
    public void connectionMade(BaseTransport transport) {
      this.transport = (Transport) transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void two_servers_of_a_worker_are_two_ports(PortSharing sharing) {
    run(
        async(() -> {
          Set<List<Integer>> ports = ConcurrentHashMap.newKeySet();
          var link = new WorkersLink();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        var first = worker.startServer((_, _) -> {}, HOST, 0).await();
                        var second = worker.startServer((_, _) -> {}, HOST, 0).await();
                        ports.add(List.of(WorkersLink.portOf(first), WorkersLink.portOf(second)));
                        link.serves(second);
                        first.serveForever().await();
                      }),
                  options(3, sharing))) {
            link.untilServing(3);
            workers.stop(ZERO).await();
          }
          assertEquals(1, ports.size(), ports.toString());
          List<Integer> both = ports.iterator().next();
          assertFalse(both.get(0).equals(both.get(1)), both.toString());
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void a_server_that_a_worker_closes_leaves_its_connections_to_the_others(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server =
                            worker.startServer(WorkersLink.naming(worker), HOST, 0).await();
                        link.serves(server);
                        if (worker.index() == 0) {
                          link.untilServing(2);
                          server.close();
                          link.serving.incrementAndGet();
                        }
                        runningLoop().createFuture().await();
                      }),
                  options(2, sharing))) {
            link.untilServing(3);
            Set<String> late = new HashSet<>();
            for (int i = 0; i < 50; i++) {
              late.add(link.ask());
            }
            late.remove("0"); // one may have been on its way
            assertEquals(Set.of("1"), late);
            workers.stop(ZERO).await();
            assertThrows(ConnectException.class, link::connect);
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void a_port_that_somebody_else_has_is_refused(PortSharing sharing) throws IOException {
    try (var other = new ServerSocket(0);
        var _ = new AsyncioLog()) {
      int port = other.getLocalPort();
      var exc =
          assertThrows(
              BindException.class,
              () ->
                  Workers.run(
                      worker -> async(() -> worker.startServer((_, _) -> {}, null, port).await()),
                      options(2, sharing)));
      String message = String.valueOf(exc.getMessage());
      assertTrue(message.contains(Integer.toString(port)), message);
    }
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void other_workers_on_the_same_port_are_somebody_else(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var _ = new AsyncioLog();
              var _ = Workers.start(link.main(WorkersLink::naming), options(2, sharing))) {
            link.untilServing(2);
            int port = Asyncio.await(link.port);
            var second =
                Workers.start(
                    worker -> async(() -> worker.startServer((_, _) -> {}, HOST, port).await()),
                    options(1, sharing));
            assertThrows(BindException.class, () -> second.join().await());
            second.close();
          }
        }));
  }

  // ---- ends

  @ParameterizedTest
  @MethodSource("sharings")
  void requests_under_way_are_answered_when_the_workers_stop(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers = Workers.start(link.main(WorkersLink::echoing), options(2, sharing))) {
            link.untilServing(2);
            List<Connection> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              open.add(link.connect());
              WorkersLink.echo(open.getLast(), "before");
            }
            Task<@Nullable Void> stopping =
                Asyncio.createTask(workers.stop(Duration.ofMinutes(10)));
            until(() -> workers.members().stream().allMatch(Worker::isStopping));
            for (Connection connection : open) {
              assertTrue(WorkersLink.echo(connection, "after").endsWith(":after"));
            }
            assertFalse(stopping.done());
            open.forEach(Connection::close);
            stopping.await();
            assertThrows(ConnectException.class, link::connect);
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void a_handler_that_works_on_when_its_connection_is_gone_is_waited_for(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          var goOn = new CompletableFuture<@Nullable Void>();
          var done = new AtomicInteger();
          try (var workers =
              Workers.start(
                  link.main(_ ->
                      (_, writer) -> {
                        writer.close();
                        writer.waitClosed().await();
                        Asyncio.await(goOn);
                        done.incrementAndGet();
                      }),
                  options(1, sharing))) {
            link.ask();
            Task<@Nullable Void> stopping = Asyncio.createTask(workers.stop(ofSeconds(600)));
            until(() -> workers.members().getFirst().isStopping());
            until(() -> workers.statistics().getFirst().connections() == 0);
            assertEquals(1, workers.statistics().getFirst().handlers());
            goOn.complete(null);
            stopping.await();
            assertEquals(1, done.get());
          }
        }));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void handlers_are_cancelled_when_the_grace_is_over(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          var cancelled = new AtomicInteger();
          try (var workers =
              Workers.start(
                  link.main(_ ->
                      (_, _) -> {
                        try {
                          runningLoop().createFuture().await();
                        } catch (CancelledError e) {
                          cancelled.incrementAndGet();
                          throw e;
                        }
                      }),
                  options(2, sharing))) {
            link.untilServing(2);
            List<Connection> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              open.add(link.connect());
            }
            until(() -> sum(workers, "handlers") == 10);
            Task<@Nullable Void> patient = Asyncio.createTask(workers.stop(ofSeconds(600)));
            Coroutine.yieldNow().await();
            workers.stop(ZERO).await(); // shortens what the first allowed
            patient.await();
            assertEquals(10, cancelled.get());
            for (Connection connection : open) {
              assertEquals(0, connection.reader().read().await().length);
              connection.close();
            }
          }
        }));
  }

  private static long sum(Workers workers, String what) {
    return workers.statistics().stream()
        .mapToLong(one -> what.equals("handlers") ? one.handlers() : one.connections())
        .sum();
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void protocols_hear_of_the_end_when_the_grace_is_over(PortSharing sharing) {
    run(
        async(() -> {
          var link = new WorkersLink();
          var lost = new AtomicInteger();
          var made = new AtomicInteger();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server =
                            worker
                                .createServer(
                                    () ->
                                        new Protocol() {
                                          @Override
                                          public void connectionMade(BaseTransport transport) {
                                            made.incrementAndGet();
                                          }

                                          @Override
                                          public void connectionLost(@Nullable Throwable exc) {
                                            lost.incrementAndGet();
                                          }
                                        },
                                    List.of(HOST),
                                    0,
                                    ServerOptions.defaults())
                                .await();
                        link.serves(server);
                        server.serveForever().await();
                      }),
                  options(2, sharing))) {
            link.untilServing(2);
            List<Connection> open = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
              open.add(link.connect());
            }
            until(() -> made.get() == 6);
            workers.stop(ZERO).await();
            assertEquals(6, lost.get());
            open.forEach(Connection::close);
          }
        }));
  }

  @Test
  void main_cleans_up_undisturbed_when_it_is_stopped() {
    run(
        async(() -> {
          var link = new WorkersLink();
          List<String> said = new CopyOnWriteArrayList<>();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server =
                            worker.startServer(WorkersLink.naming(worker), HOST, 0).await();
                        link.serves(server);
                        try {
                          server.serveForever().await();
                        } finally {
                          for (int i = 0; i < 20; i++) {
                            Coroutine.yieldNow().await();
                          }
                          said.add("cleaned up");
                        }
                      }),
                  WorkersOptions.defaults().loops(2))) {
            link.untilServing(2);
            link.ask();
            workers.stop().await();
          }
          assertEquals(List.of("cleaned up", "cleaned up"), said);
        }));
  }

  @Test
  void closing_and_stopping_twice_does_nothing_the_second_time() {
    run(
        async(() -> {
          var link = new WorkersLink();
          var workers =
              Workers.start(link.main(WorkersLink::naming), WorkersOptions.defaults().loops(2));
          link.untilServing(2);
          link.ask();
          workers.stop().await();
          workers.stop(ofSeconds(1)).await();
          workers.close();
          workers.close();
          workers.join().await();
          assertTrue(workers.members().stream().allMatch(worker -> worker.loop().isClosed()));
        }));
  }

  @Test
  void workers_whose_mains_end_are_done() {
    var ran = new AtomicInteger();
    Workers.run(_ -> async(() -> void_(ran.incrementAndGet())), WorkersOptions.defaults().loops(3));
    assertEquals(3, ran.get());
  }

  private static void void_(int ignored) {
    assertTrue(ignored > 0);
  }

  @Test
  void workers_that_are_left_when_their_home_closes_are_stopped() {
    var link = new WorkersLink();
    List<Worker> left = new ArrayList<>();
    run(
        async(() -> {
          var workers =
              Workers.start(link.main(WorkersLink::naming), WorkersOptions.defaults().loops(2));
          link.untilServing(2);
          link.ask();
          left.addAll(workers.members());
        }));
    for (Worker worker : left) {
      while (!worker.loop().isClosed()) {
        Thread.onSpinWait();
      }
    }
  }

  // ---- failures

  @ParameterizedTest
  @MethodSource("sharings")
  void a_worker_that_fails_stops_the_others_and_join_throws_what_it_failed_with(
      PortSharing sharing) {
    try (var log = new AsyncioLog()) {
      run(
          async(() -> {
            var link = new WorkersLink();
            var ended = new AtomicInteger();
            var failing = new IOException("disk full");
            try (var workers =
                Workers.start(
                    worker ->
                        async(() -> {
                          try {
                            if (worker.index() == 1) {
                              link.untilServing(2);
                              throw failing;
                            }
                            link.main(WorkersLink::naming).apply(worker).await();
                          } finally {
                            ended.incrementAndGet();
                          }
                        }),
                    options(3, sharing))) {
              var exc = assertThrows(IOException.class, () -> workers.join().await());
              assertSame(failing, exc);
            }
            assertEquals(3, ended.get());
          }));
      assertEquals(1, log.texts().size(), log.texts().toString());
      assertTrue(log.texts().getFirst().contains("disk full"), log.texts().getFirst());
    }
  }

  @Test
  void a_failure_that_nobody_joined_for_comes_out_of_close() {
    try (var _ = new AsyncioLog()) {
      run(
          async(() -> {
            var begun = new AtomicInteger();
            var workers =
                Workers.start(
                    worker ->
                        async(() -> {
                          begun.incrementAndGet();
                          while (begun.get() < 2) {
                            Thread.yield(); // no await, at which the other's failure could end it
                          }
                          throw new IOException("worker " + worker.index());
                        }),
                    WorkersOptions.defaults().loops(2));
            until(() -> workers.members().stream().allMatch(one -> one.loop().isClosed()));
            var exc = assertThrows(IOException.class, workers::close);
            assertEquals(1, exc.getSuppressed().length);
          }));
    }
  }

  @Test
  void a_main_that_is_cancelled_from_inside_counts_as_failed() {
    try (var _ = new AsyncioLog()) {
      var exc =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Workers.run(
                      _ ->
                          async(() -> {
                            Objects.requireNonNull(Asyncio.currentTask()).cancel();
                            Coroutine.yieldNow().await();
                          }),
                      WorkersOptions.defaults().loops(1)));
      assertTrue(String.valueOf(exc.getMessage()).contains("workers.stop()"), exc.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void with_restarts_a_worker_that_fails_is_replaced_and_its_failure_told(PortSharing sharing) {
    run(
        async(() -> {
          List<String> told = new CopyOnWriteArrayList<>();
          runningLoop()
              .setExceptionHandler(
                  (_, context) -> told.add(context.message() + " " + context.exception()));
          var link = new WorkersLink();
          var failures = new AtomicInteger();
          try (var workers =
              Workers.start(
                  worker ->
                      async(() -> {
                        Server server =
                            worker.startServer(WorkersLink.naming(worker), HOST, 0).await();
                        link.serves(server);
                        if (worker.index() == 0 && failures.incrementAndGet() <= 2) {
                          throw new IOException("disk full");
                        }
                        server.serveForever().await();
                      }),
                  options(2, sharing).restarts(2, Duration.ofHours(1)))) {
            until(() -> failures.get() == 3);
            Set<String> answered = new HashSet<>();
            while (answered.size() < 2) {
              answered.add(link.ask());
            }
            assertEquals(2, told.size(), told.toString());
            assertTrue(told.getFirst().contains("disk full"), told.getFirst());
            workers.stop().await();
          }
        }));
  }

  @Test
  void one_failure_too_many_ends_all() {
    try (var _ = new AsyncioLog()) {
      var starts = new AtomicInteger();
      assertThrows(
          IOException.class,
          () ->
              Workers.run(
                  _ ->
                      async(() -> {
                        starts.incrementAndGet();
                        throw new IOException("always");
                      }),
                  WorkersOptions.defaults().loops(1).restarts(3, Duration.ofHours(1))));
      assertEquals(4, starts.get());
    }
  }

  // ---- bad input

  @Test
  void options_that_make_no_sense_are_refused() {
    var options = WorkersOptions.defaults();
    assertThrows(IllegalArgumentException.class, () -> options.loops(0));
    assertThrows(IllegalArgumentException.class, () -> options.loops(-1));
    assertThrows(IllegalArgumentException.class, () -> options.grace(ofSeconds(-1)));
    assertThrows(IllegalArgumentException.class, () -> options.startLimit(ofSeconds(-1)));
    assertThrows(IllegalArgumentException.class, () -> options.restarts(-1, ZERO));
    assertThrows(IllegalArgumentException.class, () -> options.restarts(1, ofSeconds(-1)));
  }

  @Test
  void loops_that_cannot_all_be_made_are_not_begun_with() {
    run(
        async(() -> {
          List<AbstractEventLoop> made = new ArrayList<>();
          var begun = new AtomicInteger();
          RunnerOptions runner =
              RunnerOptions.defaults()
                  .loopFactory(() -> {
                    if (made.size() == 2) {
                      throw new IllegalStateException("no more");
                    }
                    made.add(Asyncio.newEventLoop());
                    return made.getLast();
                  });
          assertThrows(
              IllegalStateException.class,
              () ->
                  Workers.start(
                      _ -> async(() -> assertEquals(0, begun.incrementAndGet())),
                      WorkersOptions.defaults().loops(3).runner(runner)));
          assertTrue(made.stream().allMatch(AbstractEventLoop::isClosed));
          assertEquals(0, begun.get());
        }));
  }

  @Test
  void outside_of_a_loop_workers_are_run_and_not_started() {
    var exc = assertThrows(IllegalStateException.class, () -> Workers.start(_ -> async(() -> {})));
    assertTrue(String.valueOf(exc.getMessage()).contains("no running event loop"));
  }

  @Test
  void what_belongs_to_another_loop_says_so() {
    run(
        async(() -> {
          var link = new WorkersLink();
          try (var workers =
              Workers.start(link.main(WorkersLink::naming), WorkersOptions.defaults().loops(2))) {
            link.untilServing(2);
            Worker worker = workers.members().getFirst();
            var server =
                assertThrows(
                    IllegalStateException.class,
                    () -> worker.startServer((_, _) -> {}, HOST, 0).await());
            assertTrue(String.valueOf(server.getMessage()).contains("worker.submit("));
            var home =
                assertThrows(
                    IllegalStateException.class,
                    () -> Asyncio.await(worker.submit(workers::restart)));
            assertTrue(String.valueOf(home.getMessage()).contains("callSoonThreadsafe"));
            Future<String> ours = runningLoop().createFuture();
            var future =
                assertThrows(
                    IllegalStateException.class,
                    () -> Asyncio.await(worker.submit(() -> async(() -> ours.await()))));
            assertTrue(String.valueOf(future.getMessage()).contains("loop"), future.getMessage());
          }
        }));
  }
}

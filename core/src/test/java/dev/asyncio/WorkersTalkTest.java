package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.WorkersLink.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one loop asks of another. */
@Timeout(60)
class WorkersTalkTest {

  private static Workers idle(int loops) {
    return Workers.start(
        _ -> async(() -> runningLoop().createFuture().await()),
        WorkersOptions.defaults().loops(loops));
  }

  @Test
  void a_coroutine_runs_on_the_other_loop_and_its_result_comes_back() {
    run(
        async(() -> {
          AbstractEventLoop here = runningLoop();
          try (var workers = idle(2)) {
            Worker other = workers.members().get(1);
            assertSame(other.loop(), await(other.submit(() -> async(() -> runningLoop()))));
            assertSame(here, runningLoop());
          }
        }));
  }

  @Test
  void workers_talk_to_each_other_in_a_ring_of_many_messages() {
    run(
        async(() -> {
          try (var workers = idle(3)) {
            assertEquals(1000, await(workers.members().getFirst().submit(() -> pass(workers, 0))));
          }
        }));
  }

  /** Each asks the next for the rest. */
  private static Coroutine<Integer> pass(Workers workers, int count) {
    return async(() -> {
      if (count == 1000) {
        return count;
      }
      Worker next = workers.members().get((count + 1) % 3);
      return await(next.submit(() -> pass(workers, count + 1)));
    });
  }

  @Test
  void an_exception_comes_back_itself_with_the_frames_of_both_loops() {
    run(
        async(() -> {
          try (var workers = idle(1)) {
            var exc = assertThrows(IOException.class, () -> asking(workers.members().getFirst()));
            List<String> frames =
                Arrays.stream(exc.getStackTrace()).map(StackTraceElement::getMethodName).toList();
            assertTrue(frames.contains("failingThere"), frames.toString());
            assertTrue(frames.contains("asking"), frames.toString());
          }
        }));
  }

  private static void asking(Worker worker) {
    await(worker.submit(() -> async(WorkersTalkTest::failingThere)));
  }

  private static void failingThere() throws IOException {
    throw new IOException("there");
  }

  @Test
  void cancelling_the_caller_cancels_the_coroutine_there() {
    run(
        async(() -> {
          try (var workers = idle(1)) {
            var begun = new AtomicInteger();
            var cancelled = new CompletableFuture<String>();
            Task<@Nullable Void> caller =
                createTask(
                    async(() ->
                        await(
                            workers
                                .members()
                                .getFirst()
                                .submit(() ->
                                    async(() -> {
                                      begun.incrementAndGet();
                                      try {
                                        runningLoop().createFuture().await();
                                      } catch (CancelledError e) {
                                        cancelled.complete("cancelled");
                                        throw e;
                                      }
                                    })))));
            until(() -> begun.get() == 1);
            caller.cancel();
            assertThrows(CancelledError.class, caller::await);
            assertEquals("cancelled", await(cancelled));
            assertEquals("alive", await(alive(workers.members().getFirst())));
          }
        }));
  }

  private static CompletableFuture<String> alive(Worker worker) {
    return worker.submit(() -> async(() -> "alive"));
  }

  @Test
  void a_coroutine_that_is_cancelled_there_is_cancelled_here() {
    run(
        async(() -> {
          try (var workers = idle(1)) {
            Task<@Nullable Void> caller =
                createTask(
                    async(() ->
                        await(
                            workers
                                .members()
                                .getFirst()
                                .submit(() ->
                                    async(() -> {
                                      throw new CancelledError();
                                    })))));
            assertThrows(CancelledError.class, caller::await);
          }
        }));
  }

  @Test
  void a_worker_that_ends_in_the_middle_tells_whoever_waits() {
    run(
        async(() -> {
          try (var workers = idle(2)) {
            Worker other = workers.members().getFirst();
            var begun = new AtomicInteger();
            CompletableFuture<@Nullable Void> waiting =
                other.submit(() ->
                    async(() -> {
                      begun.incrementAndGet();
                      runningLoop().createFuture().await();
                    }));
            until(() -> begun.get() == 1);
            workers.stop(Duration.ZERO).await();
            assertThrows(WorkerEndedException.class, () -> await(waiting));
            assertThrows(WorkerEndedException.class, () -> await(alive(other)));
            var outside =
                assertThrows(CompletionException.class, () -> alive(other).join()).getCause();
            assertInstanceOf(WorkerEndedException.class, outside);
          }
        }));
  }

  @Test
  void a_worker_whose_main_just_ends_tells_whoever_waits() {
    run(
        async(() -> {
          var end = new CompletableFuture<@Nullable Void>();
          try (var workers =
              Workers.start(_ -> async(() -> await(end)), WorkersOptions.defaults().loops(1))) {
            var begun = new AtomicInteger();
            CompletableFuture<@Nullable Void> waiting =
                workers
                    .members()
                    .getFirst()
                    .submit(() ->
                        async(() -> {
                          begun.incrementAndGet();
                          runningLoop().createFuture().await();
                        }));
            until(() -> begun.get() == 1);
            end.complete(null);
            assertThrows(WorkerEndedException.class, () -> await(waiting));
          }
        }));
  }

  @Test
  void a_caller_whose_loop_closes_first_harms_nobody() {
    run(
        async(() -> {
          try (var workers = idle(2)) {
            Worker asked = workers.members().get(0);
            var begun = new AtomicInteger();
            var answer = new CompletableFuture<String>();
            AbstractEventLoop gone = Asyncio.newEventLoop();
            Asyncio.toThread(
                    () -> {
                      gone.runUntilComplete(
                          async(() -> {
                            createTask(
                                async(() ->
                                    await(
                                        asked.submit(() ->
                                            async(() -> {
                                              begun.incrementAndGet();
                                              return await(answer);
                                            })))));
                            until(() -> begun.get() == 1);
                          }));
                      gone.setExceptionHandler(
                          (_, _) -> {}); // it tells of the task that is destroyed
                      gone.close();
                    })
                .await();
            answer.complete("too late");
            assertEquals("alive", await(alive(asked)));
          }
        }));
  }

  @Test
  void what_one_thread_submits_begins_in_that_order() {
    run(
        async(() -> {
          try (var workers = idle(1)) {
            Worker other = workers.members().getFirst();
            List<Integer> order = new java.util.ArrayList<>(); // of the other loop
            IntStream.range(0, 1000)
                .forEach(i -> other.submit(() -> async(() -> assertTrue(order.add(i)))));
            List<Integer> seen = await(other.submit(() -> async(() -> List.copyOf(order))));
            assertEquals(IntStream.range(0, 1000).boxed().toList(), seen);
          }
        }));
  }

  @Test
  void context_variables_travel_with_what_is_submitted() {
    ContextVar<String> user = new ContextVar<>("user");
    run(
        async(() -> {
          user.set("at the start");
          try (var workers =
              Workers.start(
                  _ ->
                      async(() -> {
                        assertEquals("at the start", user.get());
                        runningLoop().createFuture().await();
                      }),
                  WorkersOptions.defaults().loops(1))) {
            user.set("ada");
            assertEquals(
                "ada", await(workers.members().getFirst().submit(() -> async(() -> user.get()))));
          }
        }));
  }

  // ---- to all

  @Test
  void a_broadcast_runs_on_every_loop_and_gives_the_results_by_index() {
    run(
        async(() -> {
          try (var workers = idle(3)) {
            List<Integer> squares =
                await(
                    workers.broadcast(worker ->
                        async(() -> {
                          assertSame(worker.loop(), runningLoop());
                          return worker.index() * worker.index();
                        })));
            assertEquals(List.of(0, 1, 4), squares);
          }
        }));
  }

  @Test
  void a_broadcast_throws_the_first_failure_with_the_others_suppressed() {
    run(
        async(() -> {
          try (var workers = idle(3)) {
            var exc =
                assertThrows(
                    IOException.class,
                    () ->
                        await(
                            workers.broadcast(worker ->
                                async(() -> {
                                  if (worker.index() > 0) {
                                    throw new IOException("from " + worker.index());
                                  }
                                }))));
            assertEquals("from 1", exc.getMessage());
            assertEquals("from 2", exc.getSuppressed()[0].getMessage());
          }
        }));
  }

  @Test
  void cancelling_a_broadcast_cancels_it_everywhere() {
    run(
        async(() -> {
          try (var workers = idle(3)) {
            var begun = new AtomicInteger();
            var cancelled = new AtomicInteger();
            var all =
                workers.broadcast(_ ->
                    async(() -> {
                      begun.incrementAndGet();
                      try {
                        runningLoop().createFuture().await();
                      } finally {
                        cancelled.incrementAndGet();
                      }
                    }));
            until(() -> begun.get() == 3);
            all.cancel(false);
            until(() -> cancelled.get() == 3);
          }
        }));
  }

  @Test
  void a_thread_without_a_loop_may_ask_too() {
    run(
        async(() -> {
          try (var workers = idle(2)) {
            assertEquals(
                List.of(0, 1),
                Asyncio.toThread(() -> workers.broadcast(one -> async(() -> one.index())).join())
                    .await());
            assertEquals(2, workers.statistics().size());
          }
        }));
  }
}

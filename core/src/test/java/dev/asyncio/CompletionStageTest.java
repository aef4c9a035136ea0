package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.wrapFuture;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bridge between futures of a loop and those of the JDK. */
@Timeout(60)
class CompletionStageTest {
  private final List<ExceptionContext> reports = new ArrayList<>();

  /** On the real clock, since other threads take part. */
  private void run(Action body) {
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          body.run();
        }));
    assertEquals(List.of(), reports);
  }

  private static void elsewhere(Runnable action) {
    Thread.ofPlatform().start(action);
  }

  @Test
  void awaiting_a_stage_gives_its_result() {
    run(() -> {
      var stage = new CompletableFuture<String>();
      elsewhere(() -> stage.complete("result"));
      assertEquals("result", await(stage));
      assertEquals("at once", await(CompletableFuture.completedFuture("at once")));
      assertNull(await(CompletableFuture.completedFuture((String) null)));
      CompletionStage<String> dependent =
          CompletableFuture.supplyAsync(() -> "a").thenCombine(stage, (a, b) -> a + b);
      assertEquals("aresult", await(dependent));
      assertEquals("minimal", await(CompletableFuture.completedStage("minimal").thenApply(x -> x)));
    });
  }

  @Test
  void awaiting_a_failed_stage_throws_what_really_happened() {
    var failure = new IOException("what really happened");
    run(() -> {
      var stage = new CompletableFuture<String>();
      CompletionStage<String> dependent = stage.thenApply(x -> x).thenApply(x -> x);
      elsewhere(() -> stage.completeExceptionally(failure));
      assertSame(failure, assertThrows(IOException.class, () -> await(stage)));
      assertSame(failure, assertThrows(IOException.class, () -> await(dependent)));
      assertSame(failure, assertThrows(IOException.class, () -> await(stage)), "done already");
    });
  }

  @Test
  void cancelling_the_task_cancels_the_stage() {
    run(() -> {
      var stage = new CompletableFuture<String>();
      Task<?> waiting = start(() -> await(stage));
      ticks(1);
      waiting.cancel();
      assertThrows(CancelledError.class, waiting::await);
      assertTrue(stage.isCancelled());
    });
  }

  @Test
  void cancelling_the_stage_cancels_whoever_awaits_it() {
    run(() -> {
      var stage = new CompletableFuture<String>();
      CompletionStage<String> dependent = stage.thenApply(x -> x);
      elsewhere(() -> stage.cancel(true));
      assertThrows(CancelledError.class, () -> await(stage));
      assertThrows(CancelledError.class, () -> await(dependent));
      Future<String> wrapped = wrapFuture(stage);
      assertTrue(wrapped.cancelled(), "done already");
    });
  }

  @Test
  void cancelling_a_wrapped_stage_does_nothing_to_one_that_is_done() {
    run(() -> {
      var stage = new CompletableFuture<String>();
      Future<String> wrapped = wrapFuture(stage);
      stage.complete("first");
      wrapped.cancel();
      ticks(3);
      assertTrue(wrapped.cancelled(), "the loop had not heard of it");
      assertEquals("first", stage.join());
    });
  }

  @Test
  void a_future_gives_a_completable_future_with_its_outcome() {
    var failure = new IOException("of the task");
    run(() -> {
      CompletableFuture<String> fine =
          createTask(Asyncio.sleep(Duration.ofMillis(1), "result")).toCompletableFuture();
      CompletableFuture<Object> failing =
          createTask(
                  async(() -> {
                    throw failure;
                  }))
              .toCompletableFuture();
      var joined = new CompletableFuture<String>();
      elsewhere(() -> joined.complete(fine.join()));
      assertEquals("result", await(joined));
      ticks(2);
      var thrown = assertThrows(CompletionException.class, failing::join);
      assertSame(failure, thrown.getCause());
    });
  }

  @Test
  void cancelling_the_completable_future_cancels_the_task() {
    run(() -> {
      Task<?> task = start(() -> runningLoop().createFuture().await());
      CompletableFuture<?> stage = task.toCompletableFuture();
      ticks(1);
      elsewhere(() -> stage.cancel(true));
      assertThrows(CancelledError.class, task::await);
    });
  }

  @Test
  void cancelling_the_task_cancels_the_completable_future() {
    run(() -> {
      Task<?> task = start(() -> runningLoop().createFuture().await());
      CompletableFuture<?> stage = task.toCompletableFuture();
      ticks(1);
      task.cancel();
      assertThrows(CancelledError.class, task::await);
      ticks(1);
      assertTrue(stage.isCancelled());
      assertThrows(CancellationException.class, stage::join);
    });
  }

  @Test
  void a_completable_future_can_be_asked_for_from_another_thread() {
    run(() -> {
      runningLoop().setDebug(true);
      Future<String> future = runningLoop().createFuture();
      var joined = new CompletableFuture<String>();
      elsewhere(() -> future.toCompletableFuture().thenAccept(joined::complete));
      start(() -> future.setResult("across"));
      assertEquals("across", await(joined));
    });
  }

  @Test
  void a_future_of_another_loop_can_be_awaited_by_wrapping_it() {
    var otherLoop = new CompletableFuture<AbstractEventLoop>();
    var theirs = new CompletableFuture<Future<String>>();
    elsewhere(() ->
        Asyncio.run(
            async(() -> {
              otherLoop.complete(runningLoop());
              Future<String> future = runningLoop().createFuture();
              theirs.complete(future);
              future.await();
            })));
    run(() -> {
      Future<String> future = theirs.join();
      Future<String> wrapped = wrapFuture(future.toCompletableFuture());
      otherLoop.join().callSoonThreadsafe(() -> future.setResult("from over there"));
      assertEquals("from over there", wrapped.await());
    });
  }

  @Test
  void a_stage_that_is_completed_after_the_loop_has_closed_does_no_harm() {
    var stage = new CompletableFuture<String>();
    run(() -> {
      start(() -> await(stage));
      ticks(1);
    });
    assertTrue(stage.isCancelled(), "with the task that awaited it");
    var another = new CompletableFuture<String>();
    run(() -> {
      Future<String> dropped = wrapFuture(another);
      assertFalse(dropped.done());
    });
    assertTrue(another.complete("too late"));
  }

  @Test
  void timeouts_and_gather_work_on_stages() {
    run(() -> {
      var never = new CompletableFuture<String>();
      assertThrows(
          TimeoutException.class,
          () -> Asyncio.waitFor(wrapFuture(never), Duration.ofMillis(1)).await());
      assertTrue(never.isCancelled());
      var a = CompletableFuture.supplyAsync(() -> "a");
      var b = CompletableFuture.supplyAsync(() -> "b");
      assertEquals(List.of("a", "b"), Asyncio.gather(wrapFuture(a), wrapFuture(b)).await());
    });
  }

  @Test
  void run_coroutine_threadsafe_brings_back_the_outcome() {
    var failure = new IOException("over there");
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      var result = new CompletableFuture<String>();
      elsewhere(() ->
          result.complete(
              Asyncio.runCoroutineThreadsafe(
                      async(() -> {
                        ticks(2);
                        assertSame(loop, runningLoop());
                        return "result";
                      }),
                      loop)
                  .join()));
      assertEquals("result", await(result));
      var thrown = new CompletableFuture<Throwable>();
      elsewhere(() ->
          thrown.complete(
              assertThrows(
                      CompletionException.class,
                      () ->
                          Asyncio.runCoroutineThreadsafe(
                                  async(() -> {
                                    throw failure;
                                  }),
                                  loop)
                              .join())
                  .getCause()));
      assertSame(failure, await(thrown));
    });
  }

  @Test
  void run_coroutine_threadsafe_cancels_both_ways() {
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      Future<Task<?>> started = loop.createFuture();
      Coroutine<String> waits =
          async(() -> {
            started.setResult(Asyncio.currentTask());
            return loop.<String>createFuture().await();
          });
      CompletableFuture<String> stage = Asyncio.runCoroutineThreadsafe(waits, loop);
      Task<?> task = started.await();
      elsewhere(() -> stage.cancel(true));
      assertThrows(CancelledError.class, task::await);

      Coroutine<String> cancelsItself =
          async(() -> {
            Asyncio.currentTask().cancel();
            return "never";
          });
      CompletableFuture<String> cancelled = Asyncio.runCoroutineThreadsafe(cancelsItself, loop);
      while (!cancelled.isDone()) {
        ticks(1);
      }
      assertTrue(cancelled.isCancelled());
    });
  }

  @Test
  void run_coroutine_threadsafe_refuses_a_closed_loop() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    loop.close();
    var refused =
        assertThrows(
            IllegalStateException.class,
            () -> Asyncio.runCoroutineThreadsafe(async(() -> ""), loop));
    assertTrue(refused.getMessage().startsWith("Event loop is closed"), refused::getMessage);
  }

  @Test
  void a_coroutine_submitted_to_a_loop_that_closes_first_does_not_leave_its_caller_waiting() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    CompletableFuture<String> stage =
        Asyncio.runCoroutineThreadsafe(async(() -> "never run"), loop);
    loop.close();
    assertInstanceOf(
        CancellationException.class, assertThrows(RuntimeException.class, stage::join));
  }

  @Test
  void a_completable_future_ends_with_the_loop_at_the_latest() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    Task<String> abandoned = loop.createTask(Asyncio.sleep(Duration.ofHours(1), "never"));
    Future<String> pending = loop.createFuture();
    CompletableFuture<String> ofTask = abandoned.toCompletableFuture();
    CompletableFuture<String> ofFuture = pending.toCompletableFuture();
    String done = loop.runUntilComplete(async(() -> "done"));
    loop.close();
    assertTrue(ofTask.isCancelled());
    assertTrue(ofFuture.isCancelled());
    assertTrue(pending.toCompletableFuture().isCancelled(), "asked for when it was too late");
    assertEquals("done", done);
  }

  @Test
  void an_outcome_that_is_there_can_still_be_had_after_the_loop_has_closed() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    Task<String> task = loop.createTask(async(() -> "result"));
    loop.runUntilComplete(task);
    loop.close();
    assertEquals("result", task.toCompletableFuture().join());
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Results that will be there later. */
@Timeout(60)
class FuturesSurfaceTest {
  private final List<String> log = new ArrayList<>();

  @Test
  void callbacksDeferred() {
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      future.addDoneCallback(done -> log.add("first " + done.result()));
      future.addDoneCallback(done -> log.add("second " + done.result()));
      runningLoop().callSoon(() -> log.add("scheduled before"));
      future.setResult("x");
      future.addDoneCallback(done -> log.add("third " + done.result()));
      assertEquals(List.of(), log);
      ticks(1);
      assertEquals(List.of("scheduled before", "first x", "second x", "third x"), log);

      Future<String> cancelled = runningLoop().createFuture();
      cancelled.addDoneCallback(done -> log.add("cancelled"));
      cancelled.cancel();
      assertEquals(4, log.size());
      ticks(1);
      assertEquals("cancelled", log.getLast());
    });
  }

  @Test
  void callbackContext() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      var.set("when it was added");
      future.addDoneCallback(done -> log.add(var.get()));
      var given = new Context();
      given.run(() -> var.set("given"));
      future.addDoneCallback(done -> log.add(var.get()), given);
      var.set("when it was completed");
      future.setResult("");
      ticks(1);
      assertEquals(List.of("when it was added", "given"), log);
    });
  }

  @Test
  void neverRetrieved() {
    var failure = new IOException("unseen");
    List<ExceptionContext> reports = new CopyOnWriteArrayList<>();
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          failAndForget(failure);
          Future<String> seen = runningLoop().createFuture();
          seen.setException(new IOException("seen"));
          assertTrue(seen.exception() instanceof IOException);
          while (reports.isEmpty()) { // until the collector has found it
            System.gc();
            sleep(Duration.ofMillis(1)).await();
          }
        }));
    assertEquals(1, reports.size());
    assertSame(failure, reports.getFirst().exception());
    assertEquals("Future exception was never retrieved", reports.getFirst().message());
  }

  private static void failAndForget(Throwable failure) {
    runningLoop().createFuture().setException(failure);
  }

  @Test
  void chainCrossThread() {
    var completedOn = new ArrayList<Thread>();
    Asyncio.run(
        async(() -> {
          var stage = new CompletableFuture<String>();
          Future<String> future = Asyncio.wrapFuture(stage);
          future.addDoneCallback(done -> {
            completedOn.add(Thread.currentThread());
            assertSame(future.getLoop(), AbstractEventLoop.runningOrNull());
          });
          var loopThread = new ArrayList<Thread>();
          runningLoop().callSoon(() -> loopThread.add(Thread.currentThread()));
          Thread completer = Thread.ofPlatform().start(() -> stage.complete("elsewhere"));
          assertEquals("elsewhere", future.await());
          ticks(1);
          assertEquals(loopThread, completedOn);
          assertNotSame(completer, completedOn.getFirst());
        }));
  }

  @Test
  void notThreadsafe() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          loop.setDebug(true);
          Future<String> future = loop.createFuture();
          Task<?> task = start(() -> future.await());
          ticks(1);
          for (Runnable wrong :
              List.<Runnable>of(
                  () -> future.setResult("wrong"),
                  () -> future.setException(new IOException()),
                  future::cancel,
                  task::cancel)) {
            var refused = onAnotherThread(wrong);
            assertTrue(refused instanceof IllegalStateException, () -> "" + refused);
            assertTrue(refused.getMessage().contains("callSoonThreadsafe"));
            assertFalse(future.done());
          }
          Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(() -> future.setResult("right")));
          assertEquals("right", future.await());
          task.await();
        }));
  }

  /** What a call throws on another thread. */
  private static Throwable onAnotherThread(Runnable call) {
    var thrown = new CompletableFuture<Throwable>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            call.run();
            thrown.complete(null);
          } catch (Throwable e) {
            thrown.complete(e);
          }
        });
    return Asyncio.await(thrown);
  }

  @Test
  void repr() {
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      assertEquals("<Future pending>", future.toString());
      future.addDoneCallback(done -> {});
      future.addDoneCallback(done -> {});
      assertEquals("<Future pending callbacks=2>", future.toString());
      future.setResult("x".repeat(200));
      assertTrue(future.toString().startsWith("<Future finished result=xxx"));
      assertTrue(future.toString().length() < 120, future::toString);

      Future<String> failed = runningLoop().createFuture();
      failed.setException(new IOException("broken"));
      assertEquals("<Future finished exception=java.io.IOException: broken>", failed.toString());
      assertTrue(failed.exception() instanceof IOException);

      Future<String> cancelled = runningLoop().createFuture();
      cancelled.cancel();
      assertEquals("<Future cancelled>", cancelled.toString());

      runningLoop().setDebug(true);
      String text = runningLoop().createFuture().toString();
      assertTrue(text.contains("created at"), text);
      assertTrue(text.contains("FuturesSurfaceTest.java"), text);
    });
  }

  @Test
  void debug_mode_knows_where_a_future_was_created_whatever_its_outcome() {
    run(() -> {
      runningLoop().setDebug(true);
      Future<String> finished = runningLoop().createFuture();
      finished.setResult("done");
      assertEquals("done", finished.result());
      assertEquals("done", finished.await());
      assertNull(finished.exception());
      Future<String> failed = runningLoop().createFuture();
      failed.setException(new IOException("broken"));
      assertTrue(failed.exception() instanceof IOException);
      Future<String> cancelled = runningLoop().createFuture();
      cancelled.cancel();
      assertTrue(cancelled.cancelled());
      for (Future<String> ended : List.of(finished, failed, cancelled)) {
        assertTrue(ended.done());
        assertTrue(ended.toString().contains("FuturesSurfaceTest.java"), ended::toString);
      }
    });
  }

  @Test
  void it_can_be_completed_once() {
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      assertEquals(
          "Result is not set.",
          assertThrows(InvalidStateException.class, future::result).getMessage().substring(0, 18));
      assertThrows(InvalidStateException.class, future::exception);
      future.setResult("once");
      assertThrows(InvalidStateException.class, () -> future.setResult("twice"));
      assertThrows(InvalidStateException.class, () -> future.setException(new IOException()));
      assertFalse(future.cancel());
      assertEquals("once", future.result());
      assertNull(future.exception());

      Future<String> cancelled = runningLoop().createFuture();
      assertTrue(cancelled.cancel("why"));
      assertThrows(InvalidStateException.class, () -> cancelled.setResult("late"));
      assertEquals("why", assertThrows(CancelledError.class, cancelled::result).message());
      assertEquals("why", assertThrows(CancelledError.class, cancelled::exception).message());
    });
  }

  @Test
  void null_is_a_result_like_any_other() {
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      future.setResult(null);
      assertTrue(future.done());
      assertNull(future.await());
    });
  }

  @Test
  void removing_a_callback_tells_how_often_it_was_there() {
    run(() -> {
      Future<String> future = runningLoop().createFuture();
      Consumer<Future<String>> callback = done -> log.add("called");
      assertEquals(0, future.removeDoneCallback(callback));
      future.addDoneCallback(callback);
      assertEquals(1, future.removeDoneCallback(callback));
      future.addDoneCallback(callback);
      future.addDoneCallback(done -> log.add("other"));
      future.addDoneCallback(callback);
      assertEquals(2, future.removeDoneCallback(callback));
      future.setResult("");
      ticks(1);
      assertEquals(List.of("other"), log);
    });
  }

  @Test
  void one_that_is_done_is_awaited_without_suspending() {
    run(() -> {
      start(() -> log.add("other"));
      Future<String> done = runningLoop().createFuture();
      done.setResult("there");
      assertEquals("there", done.await());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void ensure_future_leaves_futures_alone_and_makes_tasks_of_the_rest() {
    AbstractEventLoop other = Asyncio.newEventLoop();
    Future<String> foreign = other.createFuture();
    run(() -> {
      Future<String> own = runningLoop().createFuture();
      assertSame(own, Asyncio.ensureFuture(own));
      Future<String> made = Asyncio.ensureFuture(async(() -> "made"));
      assertTrue(made instanceof Task<?>);
      assertEquals("made", made.await());
      var refused =
          assertThrows(IllegalArgumentException.class, () -> Asyncio.ensureFuture(foreign));
      assertTrue(
          refused.getMessage().startsWith("The future belongs to a different loop"),
          refused::getMessage);
      assertTrue(Asyncio.isFuture(own) && Asyncio.isFuture(made));
      assertFalse(Asyncio.isFuture("something else") || Asyncio.isFuture(null));
      assertTrue(Asyncio.isCoroutine(Objects.requireNonNull(((Task<?>) made).getCoro())));
    });
    other.close();
  }
}

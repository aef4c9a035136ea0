package dev.asyncio;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The bridge between futures of a loop and the JDK's, both ways, outcome and cancellation. */
final class CompletionStages {

  private CompletionStages() {}

  /** A {@code CompletableFuture} that follows {@code future}; cancelling it cancels that. */
  static <T extends @Nullable Object> CompletableFuture<T> of(Future<T> future) {
    AbstractEventLoop loop = future.loop;
    if (loop.isClosed() && future.done()) {
      var stage = new CompletableFuture<T>();
      complete(stage, future);
      return stage;
    }
    CompletableFuture<T> stage = endingWith(loop);
    if (loop.isRunning() && !loop.now.isHere()) {
      unlessClosed(loop, () -> future.addDoneCallback(done -> complete(stage, done)));
    } else {
      future.addDoneCallback(done -> complete(stage, done));
    }
    cancelWith(stage, future);
    return stage;
  }

  private static <T extends @Nullable Object> void complete(
      CompletableFuture<T> stage, Future<? extends T> done) {
    if (done.cancelled()) {
      stage.cancel(false);
      return;
    }
    Throwable e = done.exception();
    if (e == null) {
      stage.complete(done.result());
    } else {
      stage.completeExceptionally(e);
    }
  }

  private static void cancelWith(CompletableFuture<?> stage, Future<?> future) {
    stage.whenComplete((_, _) -> {
      if (stage.isCancelled()) {
        unlessClosed(future.loop, () -> future.cancel());
      }
    });
  }

  /**
   * A future of {@code loop} that follows {@code stage}; cancelling it cancels that. A {@link
   * CompletionException} is unwrapped, so that awaiting throws what really happened.
   */
  static <T extends @Nullable Object> Future<T> wrap(
      AbstractEventLoop loop, CompletionStage<T> stage) {
    Future<T> future = loop.createFuture();
    CompletableFuture<T> completable = stage.toCompletableFuture();
    if (completable.isDone()) {
      completable.whenComplete((value, e) -> settle(future, value, e));
      return future;
    }
    stage.whenComplete((value, e) -> unlessClosed(loop, () -> settle(future, value, e)));
    future.addDoneCallback(done -> {
      if (done.cancelled()) {
        completable.cancel(true);
      }
    });
    return future;
  }

  private static <T extends @Nullable Object> void settle(
      Future<T> future, T value, @Nullable Throwable e) {
    if (future.done()) {
      return; // cancelled meanwhile
    }
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    if (cause == null) {
      future.setResult(value);
    } else if (cause instanceof CancellationException) {
      future.cancel(cause.getMessage());
    } else {
      future.setException(cause);
    }
  }

  /** A coroutine started from another thread: its task's outcome, and its cancellation. */
  static <T extends @Nullable Object> CompletableFuture<T> submit(
      Coroutine<T> coroutine, AbstractEventLoop loop) {
    loop.checkClosed();
    CompletableFuture<T> stage = endingWith(loop);
    unlessClosed(
        loop,
        () -> {
          try {
            Task<T> task = loop.createTask(coroutine);
            task.addDoneCallback(done -> complete(stage, done));
            cancelWith(stage, task);
          } catch (RuntimeException e) {
            stage.completeExceptionally(e);
          }
        });
    return stage;
  }

  /**
   * A stage that other threads may wait for; closing the loop cancels it, if nothing else ends it.
   */
  private static <T extends @Nullable Object> CompletableFuture<T> endingWith(
      AbstractEventLoop loop) {
    var stage = new CompletableFuture<T>();
    loop.ending.stages().add(stage);
    stage.whenComplete((_, _) -> loop.ending.stages().remove(stage));
    if (loop.isClosed()) { // closed meanwhile: perhaps too late for the loop to see the stage
      stage.cancel(false);
    }
    return stage;
  }

  private static void unlessClosed(AbstractEventLoop loop, Runnable action) {
    if (!loop.isClosed()) {
      try {
        loop.callSoonThreadsafe(action);
      } catch (IllegalStateException closedMeanwhile) {
        return; // nobody is left to be told
      }
    }
  }
}

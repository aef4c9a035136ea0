package dev.asyncio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Making futures of awaitables, and waiting for one without being bound to its outcome. */
final class Futures {

  private Futures() {}

  /** {@code awaitable} itself if it is a future, else a task of {@code loop} that awaits it. */
  @SuppressWarnings("unchecked")
  static <T extends @Nullable Object> Future<T> ensure(
      Awaitable<? extends T> awaitable, AbstractEventLoop loop) {
    if (awaitable instanceof Coroutine<?> coroutine) {
      return loop.createTask((Coroutine<T>) coroutine);
    }
    if (awaitable instanceof Future<?> future) {
      if (future.loop != loop) {
        throw new IllegalArgumentException(
            "The future belongs to a different loop than the one specified: " + future);
      }
      return (Future<T>) future;
    }
    Objects.requireNonNull(awaitable);
    return loop.createTask(Coroutine.of(() -> awaitable.await()));
  }

  /** Completes a future that only says "go on", unless it has been cancelled meanwhile. */
  static void release(Future<@Nullable Void> waiter) {
    if (!waiter.done()) {
      waiter.setResult(null);
    }
  }

  /** Gives {@code target} the outcome of {@code done}; a cancellation without its message. */
  static <T extends @Nullable Object> void copyOutcome(Future<? extends T> done, Future<T> target) {
    if (done.cancelled()) {
      target.cancel();
      return;
    }
    Throwable e = done.exception();
    if (e == null) {
      target.setResult(done.result());
    } else {
      target.setException(e);
    }
  }
}

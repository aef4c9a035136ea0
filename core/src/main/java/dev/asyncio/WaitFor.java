package dev.asyncio;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Asyncio#waitFor}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.wait_for}.
 */
final class WaitFor<T extends @Nullable Object> extends Coroutine<T> {

  private final Awaitable<T> awaitable;
  private final @Nullable Duration timeout;

  WaitFor(Awaitable<T> awaitable, @Nullable Duration timeout) {
    this.awaitable = java.util.Objects.requireNonNull(awaitable, "awaitable");
    this.timeout = timeout;
  }

  @Override
  protected T run() {
    if (timeout != null && !timeout.isPositive()) {
      return nowOrNever();
    }
    return Timeout.after(timeout).run((Timeout.Body<T>) _ -> awaitable.await());
  }

  private T nowOrNever() {
    Future<T> future = Futures.ensure(awaitable, AbstractEventLoop.running());
    if (future.done()) {
      return future.result();
    }
    cancelAndWait(future);
    try {
      return future.result();
    } catch (CancelledError e) {
      throw Timeout.exceeded(e);
    }
  }

  /** Waits on a future of its own, so that it can itself be cancelled whatever {@code f} does. */
  private static void cancelAndWait(Future<?> future) {
    Future<@Nullable Void> waiter = future.loop.createFuture();
    Consumer<Future<?>> release = _ -> Futures.release(waiter);
    future.addDoneCallback(release);
    try {
      future.cancel();
      waiter.await();
    } finally {
      future.removeDoneCallback(release);
    }
  }
}

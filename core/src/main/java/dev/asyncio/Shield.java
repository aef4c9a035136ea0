package dev.asyncio;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Asyncio#shield}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.shield}.
 */
final class Shield {

  private static final Consumer<Future<?>> REPORT_FAILURE = Shield::reportFailure;

  private Shield() {}

  static <T extends @Nullable Object> Future<T> of(Awaitable<T> awaitable) {
    AbstractEventLoop loop = AbstractEventLoop.running();
    Future<T> inner = Futures.ensure(awaitable, loop);
    if (inner.done()) {
      return inner;
    }
    Future<T> outer = loop.createFuture();
    Consumer<Future<T>> innerDone =
        done -> {
          if (!outer.cancelled()) {
            Futures.copyOutcome(done, outer);
          }
        };
    inner.addDoneCallback(innerDone);
    outer.addDoneCallback(_ -> {
      if (!inner.done()) { // the waiter was cancelled; nobody else may be listening
        inner.removeDoneCallback(innerDone);
        inner.removeDoneCallback(REPORT_FAILURE);
        inner.addDoneCallback(REPORT_FAILURE);
      }
    });
    return outer;
  }

  private static void reportFailure(Future<?> inner) {
    Throwable e = inner.cancelled() ? null : inner.exception();
    if (e != null) {
      inner.loop.callExceptionHandler(
          ExceptionContext.of(e.getClass().getSimpleName() + " exception in shielded future")
              .exception(e)
              .future(inner));
    }
  }
}

package dev.asyncio.file;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Action;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.Lock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Blocking calls on threads of the default executor. */
final class Calls {
  private Calls() {}

  static <T extends @Nullable Object> Coroutine<T> of(Callable<T> call) {
    return Coroutine.of(() -> AbstractEventLoop.running().<T>runInExecutor(null, call).await());
  }

  static Coroutine<@Nullable Void> of(Action call) {
    return Calls.<@Nullable Void>of(() -> {
      call.run();
      return null;
    });
  }

  /**
   * Makes one call after the other. Whoever is cancelled in his own leaves it to itself, and the
   * next one still waits for its end.
   */
  static <T> T inTurn(Lock turn, Callable<T> call) {
    turn.acquire().await();
    AbstractEventLoop loop = AbstractEventLoop.running();
    Future<T> outcome = loop.createFuture();
    Future<T> running;
    try {
      running = loop.runInExecutor(null, call);
    } catch (Throwable e) {
      turn.release();
      throw e;
    }
    running.addDoneCallback(ended -> {
      turn.release();
      settle(loop, ended, outcome);
    });
    return outcome.await();
  }

  private static <T> void settle(AbstractEventLoop loop, Future<T> ended, Future<T> outcome) {
    Throwable failure = ended.exception();
    if (failure == null) {
      if (!outcome.done()) {
        outcome.setResult(ended.result());
      }
    } else if (!outcome.done()) {
      outcome.setException(failure);
    } else {
      loop.callExceptionHandler(
          ExceptionContext.of("a call to a file failed after its task was cancelled")
              .exception(failure));
    }
  }
}

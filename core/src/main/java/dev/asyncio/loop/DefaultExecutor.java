package dev.asyncio.loop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The loop's way to other threads: calls in executors, and the executor used without another. */
final class DefaultExecutor {

  private final AbstractEventLoop loop;
  private @Nullable ExecutorService executor;
  private boolean shutDown;

  DefaultExecutor(AbstractEventLoop loop) {
    this.loop = loop;
  }

  void replace(ExecutorService other) {
    executor = Objects.requireNonNull(other, "executor");
  }

  <T extends @Nullable Object> Future<T> submit(@Nullable Executor other, Callable<T> callable) {
    Objects.requireNonNull(callable, "callable");
    Executor chosen = other != null ? other : executor();
    Future<T> future = loop.createFuture();
    chosen.execute(() -> {
      T result;
      try {
        result = callable.call();
      } catch (Throwable e) { // only to forward it to whoever awaits
        settle(future, () -> future.setException(e));
        return;
      }
      settle(future, () -> future.setResult(result));
    });
    return future;
  }

  private void settle(Future<?> future, Runnable outcome) {
    if (!loop.isClosed()) {
      try {
        loop.callSoonThreadsafe(() -> {
          if (!future.done()) { // else cancelled: nobody waits any more
            outcome.run();
          }
        });
      } catch (IllegalStateException closedMeanwhile) {
        Log.ASYNCIO.log(System.Logger.Level.DEBUG, "a call in an executor outlived its loop");
      }
    }
  }

  private Executor executor() {
    if (shutDown) {
      throw new IllegalStateException("Executor shutdown has been called; no work is accepted");
    }
    ExecutorService current = executor;
    if (current == null) {
      current =
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("asyncio_", 0).factory());
      executor = current;
    }
    return current;
  }

  /** Waits, on the loop, for the calls that run. */
  void shutdown(@Nullable Duration timeout) {
    shutDown = true;
    ExecutorService current = executor;
    if (current == null) {
      return;
    }
    current.shutdown();
    Future<Boolean> ended = loop.createFuture();
    Thread.ofVirtual()
        .name("asyncio-shutdown")
        .start(() -> {
          boolean terminated = awaitTermination(current, timeout);
          settle(ended, () -> ended.setResult(terminated));
        });
    if (!ended.await()) {
      Log.ASYNCIO.log(
          System.Logger.Level.WARNING,
          "The executor did not finish joining its threads within {0}.",
          timeout);
    }
  }

  private static boolean awaitTermination(ExecutorService service, @Nullable Duration timeout) {
    try {
      long nanos = timeout == null ? Long.MAX_VALUE : timeout.toNanos();
      return service.awaitTermination(nanos, java.util.concurrent.TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Refuses new work and leaves what runs to itself. */
  void abandon() {
    shutDown = true;
    if (executor != null) {
      executor.shutdown();
    }
  }
}

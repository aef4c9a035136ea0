package dev.asyncio;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Asyncio#waitUntil}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.wait}.
 */
final class WaitUntil<T extends @Nullable Object> extends Coroutine<WaitResult<T>> {

  private final Set<Future<? extends T>> futures;
  private final @Nullable Duration timeout;
  private final ReturnWhen returnWhen;
  private int unfinished;

  WaitUntil(
      Collection<? extends Future<? extends T>> futures,
      @Nullable Duration timeout,
      ReturnWhen returnWhen) {
    this.futures = new LinkedHashSet<>(futures);
    this.timeout = timeout;
    this.returnWhen = returnWhen;
  }

  @Override
  protected WaitResult<T> run() {
    if (futures.isEmpty()) {
      throw new IllegalArgumentException("Set of Tasks/Futures is empty.");
    }
    AbstractEventLoop loop = AbstractEventLoop.running();
    Future<@Nullable Void> waiter = loop.createFuture();
    TimerHandle timer =
        timeout == null ? null : loop.callLater(timeout, () -> Futures.release(waiter));
    unfinished = futures.size();
    Consumer<Future<?>> onCompletion =
        done -> {
          unfinished--;
          if (enough(done)) {
            if (timer != null) {
              timer.cancel();
            }
            Futures.release(waiter);
          }
        };
    futures.forEach(future -> future.addDoneCallback(onCompletion));
    try {
      waiter.await();
    } finally {
      if (timer != null) {
        timer.cancel();
      }
      futures.forEach(future -> future.removeDoneCallback(onCompletion));
    }
    return result();
  }

  private boolean enough(Future<?> done) {
    return unfinished <= 0
        || returnWhen == ReturnWhen.FIRST_COMPLETED
        || (returnWhen == ReturnWhen.FIRST_EXCEPTION
            && !done.cancelled()
            && done.exception() != null);
  }

  private WaitResult<T> result() {
    var done = new LinkedHashSet<Future<? extends T>>();
    var pending = new LinkedHashSet<Future<? extends T>>();
    for (Future<? extends T> future : futures) {
      (future.done() ? done : pending).add(future);
    }
    return new WaitResult<>(done, pending);
  }
}

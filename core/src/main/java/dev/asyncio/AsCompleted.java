package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Awaitables in the order in which they finish; {@link Asyncio#asCompleted} makes one. It can be
 * iterated once.
 *
 * <pre>{@code
 * for (Future<Page> page : asCompleted(List.of(fetch(a), fetch(b)))) {
 *   show(page.result());
 * }
 * }</pre>
 *
 * <p><b>Cancellation:</b> a cancelled wait loses nothing: what has finished comes next time.
 *
 * <p><b>Errors:</b> {@link TimeoutException} from {@code next()} if time runs out.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.as_completed}.
 */
@CheckReturnValue
public final class AsCompleted<T extends @Nullable Object> implements Iterable<Future<T>> {

  private final Set<Future<T>> unfinished = new LinkedHashSet<>();
  private final Queue<FinishedOrTimedOut<T>> finished = new Queue<>();
  private final Consumer<Future<T>> onCompletion = this::completed;
  private @Nullable TimerHandle timer;
  private int left;

  /** A finished future, or nothing because time ran out. */
  private record FinishedOrTimedOut<T extends @Nullable Object>(@Nullable Future<T> future) {}

  AsCompleted(Collection<? extends Awaitable<? extends T>> awaitables, @Nullable Duration timeout) {
    AbstractEventLoop loop = AbstractEventLoop.running();
    for (Awaitable<? extends T> awaitable : new LinkedHashSet<>(awaitables)) {
      unfinished.add(Futures.ensure(awaitable, loop));
    }
    unfinished.forEach(future -> future.addDoneCallback(onCompletion));
    if (!unfinished.isEmpty() && timeout != null) {
      timer = loop.callLater(timeout, this::timedOut);
    }
    left = unfinished.size();
  }

  private void completed(Future<T> future) {
    if (!unfinished.remove(future)) {
      return; // the timeout was first
    }
    finished.putNowait(new FinishedOrTimedOut<>(future));
    if (unfinished.isEmpty() && timer != null) {
      timer.cancel();
    }
  }

  private void timedOut() {
    for (Future<T> future : unfinished) {
      future.removeDoneCallback(onCompletion);
      finished.putNowait(new FinishedOrTimedOut<>(null));
    }
    unfinished.clear();
  }

  private Future<T> awaitNext() {
    Future<T> future = finished.get().await().future();
    if (future == null) {
      throw new TimeoutException("not all of the awaitables were done in time");
    }
    return future;
  }

  /** Iterates the finished futures; {@code next()} suspends until there is one. */
  @Override
  public Iterator<Future<T>> iterator() {
    return new Countdown<>() {
      @Override
      Future<T> take() {
        return awaitNext();
      }
    };
  }

  /**
   * Iterates coroutines of which each gives the result of the next to finish; {@code next()} does
   * not suspend, awaiting what it gives does.
   */
  public Iterable<Coroutine<T>> plain() {
    return () ->
        new Countdown<>() {
          @Override
          Coroutine<T> take() {
            return Coroutine.of(() -> awaitNext().result());
          }
        };
  }

  private abstract class Countdown<E> implements Iterator<E> {
    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public E next() {
      if (left == 0) {
        throw new NoSuchElementException("all of the awaitables have been given out");
      }
      left--;
      return take();
    }

    abstract E take();
  }
}

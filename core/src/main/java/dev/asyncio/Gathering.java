package dev.asyncio;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Asyncio#gather}: one future for many. Cancelling it cancels all children.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.gather}.
 */
final class Gathering<T extends @Nullable Object> extends Future<List<T>> {

  /** In the order of the arguments; the same one more than once if it was given more than once. */
  private final List<Future<? extends T>> children;

  private final boolean returnExceptions;
  private int unfinished;
  private boolean cancelRequested;

  private Gathering(AbstractEventLoop loop, int arguments, boolean returnExceptions) {
    super(loop);
    this.children = new ArrayList<>(arguments);
    this.returnExceptions = returnExceptions;
  }

  static <T extends @Nullable Object> Future<List<T>> of(
      AbstractEventLoop loop,
      Collection<? extends Awaitable<? extends T>> awaitables,
      boolean returnExceptions) {
    var outer = new Gathering<T>(loop, awaitables.size(), returnExceptions);
    if (awaitables.isEmpty()) {
      outer.succeed(List.of());
    } else {
      outer.begin(awaitables);
    }
    return outer;
  }

  private void begin(Collection<? extends Awaitable<? extends T>> awaitables) {
    Consumer<Future<? extends T>> whenDone = this::childDone;
    List<Future<? extends T>> finished = new ArrayList<>();
    Map<Awaitable<?>, Future<? extends T>> others = new IdentityHashMap<>(0);
    try {
      for (Awaitable<? extends T> awaitable : awaitables) {
        Future<? extends T> child =
            awaitable instanceof Coroutine<?> coroutine
                ? coroutine.mark() ? null : earlier(coroutine, awaitables)
                : others.get(awaitable);
        if (child == null) {
          child = begin(awaitable, whenDone, finished);
          if (!(awaitable instanceof Coroutine<?>)) {
            others.put(awaitable, child);
          }
        }
        children.add(child);
      }
    } finally {
      for (Awaitable<? extends T> awaitable : awaitables) {
        if (awaitable instanceof Coroutine<?> coroutine) {
          coroutine.unmark();
        }
      }
    }
    finished.forEach(whenDone); // so that all done means done at once
  }

  private Future<? extends T> begin(
      Awaitable<? extends T> awaitable,
      Consumer<Future<? extends T>> whenDone,
      List<Future<? extends T>> finished) {
    Future<? extends T> child = Futures.ensure(awaitable, loop);
    unfinished++;
    if (child.done()) {
      finished.add(child);
    } else {
      child.addDoneCallback(whenDone);
    }
    return child;
  }

  /** The child of a coroutine that is among the arguments so far, if it is. */
  private @Nullable Future<? extends T> earlier(
      Coroutine<?> coroutine, Collection<? extends Awaitable<? extends T>> awaitables) {
    Iterator<Future<? extends T>> child = children.iterator();
    for (Awaitable<? extends T> awaitable : awaitables) {
      if (!child.hasNext()) {
        break;
      }
      Future<? extends T> candidate = child.next();
      if (awaitable == coroutine) {
        return candidate;
      }
    }
    return null;
  }

  private void childDone(Future<? extends T> child) {
    unfinished--;
    if (done()) {
      if (!child.cancelled()) {
        child.exception(); // seen, if too late to be told
      }
      return;
    }
    if (!returnExceptions) {
      Throwable e = child.cancelled() ? child.makeCancelledError() : child.exception();
      if (e != null) {
        fail(e);
        return;
      }
    }
    if (unfinished > 0) {
      return;
    }
    List<T> results = results();
    if (cancelRequested) {
      Future<? extends T> last = children.getLast();
      fail(last.cancelled() ? last.makeCancelledError() : new CancelledError(last.cancelMessage()));
    } else {
      succeed(results);
    }
  }

  private List<T> results() {
    List<T> results = new ArrayList<>(children.size());
    for (Future<? extends T> child : children) {
      Object result =
          child.cancelled() ? new CancelledError(child.cancelMessage()) : child.exception();
      results.add(result == null ? child.result() : this.<T>asResult(result));
    }
    return results;
  }

  @SuppressWarnings("unchecked") // with returnExceptions, T is Object
  private <R extends @Nullable Object> R asResult(Object exception) {
    return (R) Objects.requireNonNull(exception);
  }

  /** Cancels every child that is not done; this ends when they have. */
  @Override
  public boolean cancel(@Nullable String message) {
    if (done()) {
      return false;
    }
    boolean any = false;
    for (Future<? extends T> child : children) {
      any |= child.cancel(message);
    }
    cancelRequested |= any;
    return any;
  }
}

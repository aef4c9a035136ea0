package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * What can be awaited: coroutines, futures, tasks, and whatever else implements this.
 *
 * <p><b>Source:</b> CPython 3.14, the awaitable protocol ({@code object.__await__}).
 *
 * @param <T> what awaiting it gives
 */
public interface Awaitable<T extends @Nullable Object> {

  /**
   * Suspends the current task until this has finished, and gives its result. The postfix form of
   * {@link Asyncio#await(Awaitable)}.
   *
   * <p><b>Order and cost:</b> does not suspend if the outcome is there already.
   *
   * <p><b>Cancellation:</b> cancelling the task cancels what it awaits.
   *
   * <p><b>Threads:</b> only inside a coroutine.
   *
   * <p><b>Errors:</b> throws what this failed with, itself, checked or not.
   */
  T await();

  /**
   * As {@link #await()}, declaring one kind of checked exception so that it can be caught by name.
   *
   * @param type the exception this may fail with; others are thrown on all the same
   */
  default <X extends Exception> T await(Class<X> type) throws X {
    return await();
  }
}

package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * A coroutine of this package that suspends by itself: it is told the task that runs it, which
 * other coroutines have to look up.
 */
abstract class Suspension<T extends @Nullable Object> extends Coroutine<T> {

  @Override
  abstract T run(Task<?> task) throws Exception;

  @Override
  protected final T run() throws Exception {
    return run(AbstractEventLoop.requireTask(this));
  }
}

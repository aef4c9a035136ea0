package dev.asyncio;

import org.jspecify.annotations.Nullable;

/** {@link Asyncio#eagerTaskFactory}. */
enum EagerTaskFactory implements TaskFactory {
  INSTANCE;

  @Override
  public <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
    boolean eager = !Boolean.FALSE.equals(options.eagerStart());
    return Task.create(loop, coroutine, options.eagerStart(eager));
  }
}

package dev.asyncio;

import org.jspecify.annotations.Nullable;

/** {@link Asyncio#eagerTaskFactory} and {@link Asyncio#createEagerTaskFactory}. */
record EagerTaskFactory(TaskConstructor constructor) implements TaskFactory {

  static final EagerTaskFactory OF_PLAIN_TASKS = new EagerTaskFactory(Task::new);

  @Override
  public <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
    boolean eager = !Boolean.FALSE.equals(options.eagerStart());
    return Task.create(loop, coroutine, options.eagerStart(eager), constructor);
  }
}

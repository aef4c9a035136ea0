package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * The constructor of a subclass of {@link Task}, as {@code TracedTask::new}, for {@link
 * TaskFactory#of} and {@link Asyncio#createEagerTaskFactory}.
 */
@FunctionalInterface
public interface TaskConstructor {

  /** A task that has not been scheduled. */
  <T extends @Nullable Object> Task<T> construct(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options);
}

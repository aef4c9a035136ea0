package dev.asyncio;

import org.jspecify.annotations.Nullable;

/** Makes the tasks of a loop; see {@link AbstractEventLoop#setTaskFactory}. */
@FunctionalInterface
public interface TaskFactory {

  /** A task of {@code loop} for {@code coroutine}; usually by {@link Task#create}. */
  <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options);
}

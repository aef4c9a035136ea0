package dev.asyncio;

import org.jspecify.annotations.Nullable;

/** Makes the tasks of a loop; see {@link AbstractEventLoop#setTaskFactory}. */
@FunctionalInterface
public interface TaskFactory {

  /** One that makes tasks of a class of their own: {@code TaskFactory.of(TracedTask::new)}. */
  static TaskFactory of(TaskConstructor constructor) {
    return new TaskFactory() {
      @Override
      public <T extends @Nullable Object> Task<T> create(
          AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
        return Task.create(loop, coroutine, options, constructor);
      }
    };
  }

  /** A task of {@code loop} for {@code coroutine}; usually by {@link Task#create}. */
  <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options);
}

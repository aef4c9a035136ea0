package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.Nullable;

/**
 * Something to be entered before a block and left after it, where both may suspend and leaving may
 * depend on how the block ended. {@link #use} is the block:
 *
 * <pre>{@code
 * AsyncContextManager<Session> session(Database database) {
 *   return AsyncContextManager.of(y -> {
 *     Session session = await(database.open());
 *     try {
 *       y.yield(session);
 *       await(session.commit());
 *     } catch (Exception e) {
 *       await(session.rollback());
 *       throw e;
 *     }
 *   });
 * }
 *
 * session(database).use(session -> {
 *   await(session.insert(row));
 * });
 * }</pre>
 *
 * <p>Where leaving is mere releasing, an {@link AutoCloseable} and Java's own {@code try} say it
 * better.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code contextlib.AbstractAsyncContextManager} and {@code async
 * with}.
 *
 * @param <T> what the block gets
 */
@CheckReturnValue
public interface AsyncContextManager<T extends @Nullable Object> extends AsyncExit {

  /** A block with a result. */
  @FunctionalInterface
  interface Body<T extends @Nullable Object, R extends @Nullable Object> {
    /** Runs inside the task that called. */
    R run(T value) throws Exception;
  }

  /** A block without a result. */
  @FunctionalInterface
  interface Action<T extends @Nullable Object> {
    /** Runs inside the task that called. */
    void run(T value) throws Exception;
  }

  /**
   * Enters. Unless overridden it gives this object, which suits a {@code class Session implements
   * AsyncContextManager<Session>}; with another {@code T} it has to be overridden.
   *
   * @return a coroutine that ends with what the block gets
   */
  @SuppressWarnings("unchecked") // as documented
  default Coroutine<T> aenter() {
    return Coroutine.of(() -> (T) this);
  }

  /**
   * Leaves. Called once, after the block, if {@link #aenter} has succeeded.
   *
   * @param error what came out of the block; null if it ended well
   * @return a coroutine that ends with true to swallow the error, false to let it pass; what it
   *     throws takes the error's place
   */
  @Override
  Coroutine<Boolean> aexit(@Nullable Throwable error);

  /**
   * Enters, runs {@code body} in the current task, and leaves: Python's {@code async with}.
   *
   * <p><b>Errors:</b> what the body throws, unless leaving swallows it; what leaving throws, with
   * the body's error suppressed in it.
   *
   * @return the body's result; null if its error was swallowed
   */
  @CanIgnoreReturnValue
  default <R> @Nullable R use(Body<T, R> body) {
    T value = aenter().await();
    R result;
    try {
      result = body.run(value);
    } catch (Throwable e) {
      Throwable error = AbstractEventLoop.requireTask(this).interruption(e);
      if (AsyncExitStack.leave(this, error)) {
        return null;
      }
      throw Errors.unchecked(error);
    }
    aexit(null).await();
    return result;
  }

  /** {@link #use(Body)} for a block without a result. */
  @SuppressWarnings("overloads") // the shape of the lambda's block tells them apart
  default void use(Action<T> body) {
    use(
        (Body<T, Boolean>)
            value -> {
              body.run(value);
              return true;
            });
  }

  // ---- making one

  /**
   * One that is written as a generator that yields once: what is before the {@code yield} enters,
   * what it yields is for the block, what is after it leaves. An error of the block is thrown at
   * the {@code yield}; catching it there swallows it. It can be entered once.
   *
   * <p><b>Errors:</b> {@link IllegalStateException} from entering if {@code body} does not yield,
   * and from leaving if it yields again.
   *
   * <p><b>Source:</b> CPython 3.14, {@code contextlib.asynccontextmanager}.
   */
  static <T extends @Nullable Object> AsyncContextManager<T> of(AsyncGenerator.Body<T> body) {
    return new YieldingOnce<>(AsyncGenerator.of(body));
  }

  /**
   * One that does nothing, where one is asked for and there is nothing to do.
   *
   * <p><b>Source:</b> CPython 3.14, {@code contextlib.nullcontext}.
   *
   * @param value what the block gets
   */
  static <T extends @Nullable Object> AsyncContextManager<T> nullContext(T value) {
    return new AsyncContextManager<>() {
      @Override
      public Coroutine<T> aenter() {
        return Coroutine.of(() -> value);
      }

      @Override
      public Coroutine<Boolean> aexit(@Nullable Throwable error) {
        return Coroutine.of(() -> false);
      }
    };
  }
}

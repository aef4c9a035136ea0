package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Clean-ups that are collected while a block runs and done at its end, the last one first: for a
 * number of resources that is only known then.
 *
 * <pre>{@code
 * AsyncExitStack.run(stack -> {
 *   List<Session> sessions = new ArrayList<>();
 *   for (String host : hosts) {
 *     sessions.add(await(stack.enterAsyncContext(session(host))));
 *   }
 *   broadcast(sessions);
 * });
 * }</pre>
 *
 * <p>Every clean-up is done, even if one before it fails. Each is told the error that is under way;
 * it may swallow it, or throw another in its place, which has the one before among its {@linkplain
 * Throwable#getSuppressed() suppressed}.
 *
 * <p><b>Cancellation:</b> a clean-up that is cancelled while it waits has failed like any other;
 * the rest are done.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code contextlib.AsyncExitStack}.
 */
@CheckReturnValue
public final class AsyncExitStack implements AsyncContextManager<AsyncExitStack> {

  /** A clean-up that does not suspend, told how the block ended. */
  @FunctionalInterface
  public interface Exit {
    /**
     * Cleans up.
     *
     * @param error the error that is under way; null if there is none
     * @return true to swallow it
     */
    boolean exit(@Nullable Throwable error) throws Exception;
  }

  private final ArrayDeque<AsyncExit> exits = new ArrayDeque<>();

  /** An empty one. */
  public AsyncExitStack() {}

  /** Runs {@code body} with a new stack in the current task, and then what it has collected. */
  @CanIgnoreReturnValue
  public static <R> @Nullable R run(Body<AsyncExitStack, R> body) {
    return new AsyncExitStack().use(body);
  }

  /** {@link #run(Body)} for a block without a result. */
  @SuppressWarnings("overloads") // the shape of the lambda's block tells them apart
  public static void run(Action<AsyncExitStack> body) {
    new AsyncExitStack().use(body);
  }

  // ---- collecting

  /** Enters {@code manager}, collects its exit, and gives what the manager gave. */
  public <T extends @Nullable Object> Coroutine<T> enterAsyncContext(
      AsyncContextManager<T> manager) {
    return Coroutine.of(() -> {
      T value = manager.aenter().await();
      pushAsyncExit(manager);
      return value;
    });
  }

  /** Collects {@code resource}, to be closed at the end, and gives it back. */
  @CanIgnoreReturnValue
  public <C extends AutoCloseable> C enterContext(C resource) {
    callback(resource::close);
    return resource;
  }

  /** Collects an exit, or the exit of a manager that has been entered already. */
  public void pushAsyncExit(AsyncExit exit) {
    exits.push(exit);
  }

  /** Collects an exit that does not suspend. */
  public void push(Exit exit) {
    pushAsyncExit(error -> Coroutine.of(() -> exit.exit(error)));
  }

  /** Has {@code callback} called, and what it gives awaited. It hears of no error. */
  public void pushAsyncCallback(Supplier<? extends Awaitable<?>> callback) {
    callback(() -> callback.get().await());
  }

  /** Has {@code callback} called. It hears of no error. */
  public void callback(dev.asyncio.Action callback) {
    push(_ -> {
      callback.run();
      return false;
    });
  }

  /** Moves everything collected to a new stack, which whoever gets it has to unwind. */
  public AsyncExitStack popAll() {
    var moved = new AsyncExitStack();
    moved.exits.addAll(exits);
    exits.clear();
    return moved;
  }

  // ---- unwinding

  /** Does what has been collected, now. */
  public Coroutine<@Nullable Void> aclose() {
    return Coroutine.of(() -> {
      unwind(null);
    });
  }

  @Override
  public Coroutine<Boolean> aexit(@Nullable Throwable error) {
    return Coroutine.of(() -> unwind(error));
  }

  /** Returns whether {@code error} has been swallowed; throws what has taken its place. */
  @CanIgnoreReturnValue
  private boolean unwind(@Nullable Throwable error) {
    Throwable current = error;
    AsyncExit exit;
    while ((exit = exits.poll()) != null) {
      try {
        if (leave(exit, current)) {
          current = null;
        }
      } catch (Throwable e) { // thrown on when the rest is done
        current = e;
      }
    }
    if (current != null && current != error) {
      throw Errors.unchecked(current);
    }
    return error != null && current == null;
  }

  /** Does one exit; if it throws, what it throws carries {@code error}. */
  static boolean leave(AsyncExit exit, @Nullable Throwable error) {
    try {
      return exit.aexit(error).await() && error != null;
    } catch (Throwable e) {
      if (error != null && !carries(e, error)) {
        e.addSuppressed(error);
      }
      throw e;
    }
  }

  /** Whether {@code error} is {@code e}, or is among its suppressed already. */
  private static boolean carries(Throwable e, Throwable error) {
    return e == error || Arrays.stream(e.getSuppressed()).anyMatch(one -> carries(one, error));
  }

  @Override
  public String toString() {
    return "<AsyncExitStack of " + exits.size() + ">";
  }
}

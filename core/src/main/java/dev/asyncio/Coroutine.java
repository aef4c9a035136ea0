package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A computation that has not begun: it runs once, when it is awaited (then inline, in the current
 * task) or when a task made of it is stepped.
 *
 * <p>{@link Asyncio#async} makes one of a lambda. A class may extend this instead where its body is
 * needed often enough that one object should do.
 *
 * <p><b>Threads:</b> loop only, once it has begun.
 *
 * <p><b>Source:</b> CPython 3.14, coroutine objects ({@code async def}).
 *
 * @param <T> what the computation gives
 */
@CheckReturnValue
public abstract class Coroutine<T extends @Nullable Object> implements Awaitable<T> {

  // The stage: numbers, since the garbage collector has to be told of each change of an object
  // field.
  private static final byte CREATED = 0;
  private static final byte RUNNING = 1;
  private static final byte CLOSED = 2;

  private byte stage = CREATED;
  private boolean marked;

  @SuppressWarnings("this-escape") // watched from outside, and not looked into
  private @Nullable NeverAwaited watch = NeverAwaited.watch(this);

  /** For subclasses. */
  protected Coroutine() {}

  /** A coroutine that runs {@code body}; what {@link Asyncio#async(Callable)} gives. */
  public static <T extends @Nullable Object> Coroutine<T> of(Callable<T> body) {
    return new OfCallable<>(body);
  }

  /** A coroutine that runs {@code body}; what {@link Asyncio#async(Action)} gives. */
  public static Coroutine<@Nullable Void> of(Action body) {
    return new OfAction(body);
  }

  /** A coroutine that lets whatever is ready run once; the same as a sleep of no time. */
  public static Coroutine<@Nullable Void> yieldNow() {
    return new Sleep<>(java.time.Duration.ZERO, null);
  }

  /**
   * The computation itself; it may await and throw. Called once, never by users.
   *
   * @return the result
   */
  protected abstract T run() throws Exception;

  /** As {@link #run}, for coroutines of this package that have to know their task. */
  T run(Task<?> task) throws Exception {
    return run();
  }

  /**
   * Runs the coroutine inside the current task: same name, same context, no pass of the loop in
   * between.
   *
   * <p><b>Errors:</b> what the body throws, itself. {@link IllegalStateException} if the coroutine
   * has been awaited before, or outside a task.
   */
  @Override
  @CanIgnoreReturnValue
  public final T await() {
    Task<?> task = AbstractEventLoop.requireTask(this);
    begin();
    try {
      return run(task);
    } catch (Throwable e) {
      throw Errors.unchecked(task.interruption(e));
    } finally {
      stage = CLOSED;
    }
  }

  /** The body for a task, which has its own way of dealing with the outcome. */
  final T step(Task<?> task) throws Exception {
    begin();
    try {
      return run(task);
    } finally {
      stage = CLOSED;
    }
  }

  private void begin() {
    if (stage == RUNNING) {
      throw new IllegalStateException(
          "coroutine is being awaited already: "
              + this
              + "; to wait for it in several places, make it a task and await the task");
    }
    if (stage == CLOSED) {
      throw new IllegalStateException(
          "cannot reuse already awaited coroutine "
              + this
              + "; make a new one for each call, or a task, whose result can be awaited often");
    }
    stage = RUNNING;
    unwatch();
  }

  private void unwatch() {
    if (watch != null) {
      watch.done();
      watch = null;
    }
  }

  /**
   * Disposes of a coroutine that will not be awaited. Does nothing to one that has finished.
   *
   * @throws IllegalStateException if it is running; cancel its task instead
   */
  public final void close() {
    if (stage == RUNNING) {
      throw new IllegalStateException(this + " is running; cancel its task instead of closing it");
    }
    stage = CLOSED;
    unwatch();
  }

  /**
   * Marks it, for {@link Gathering}, which has to know an argument that it has seen.
   *
   * @return false if it was marked already
   */
  final boolean mark() {
    if (marked) {
      return false;
    }
    marked = true;
    return true;
  }

  final void unmark() {
    marked = false;
  }

  /** The object whose class names this coroutine in messages. */
  Object described() {
    return this;
  }

  @Override
  public String toString() {
    return "<coroutine "
        + Errors.nameOf(described())
        + " "
        + (stage == CREATED ? "created" : stage == RUNNING ? "running" : "closed")
        + ">";
  }

  private static final class OfCallable<T extends @Nullable Object> extends Coroutine<T> {
    private final Callable<T> body;

    OfCallable(Callable<T> body) {
      this.body = Objects.requireNonNull(body, "body");
    }

    @Override
    protected T run() throws Exception {
      return body.call();
    }

    @Override
    Object described() {
      return body;
    }
  }

  private static final class OfAction extends Coroutine<@Nullable Void> {
    private final Action body;

    OfAction(Action body) {
      this.body = Objects.requireNonNull(body, "body");
    }

    @Override
    protected @Nullable Void run() throws Exception {
      body.run();
      return null;
    }

    @Override
    Object described() {
      return body;
    }
  }
}

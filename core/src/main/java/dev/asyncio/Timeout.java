package dev.asyncio;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A deadline for a piece of code: when it passes, the code is cancelled, and {@link
 * TimeoutException} comes out of the block instead of the cancellation. {@link Asyncio#timeout}
 * makes one and runs the code.
 *
 * <p><b>Cancellation:</b> a cancellation from elsewhere stays one, even if the deadline passes too.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Timeout}.
 */
public final class Timeout {

  /** The code under a deadline, with a result. */
  @FunctionalInterface
  public interface Body<R extends @Nullable Object> {
    /** Runs inside the task that called. */
    R run(Timeout timeout) throws Exception;
  }

  /** The code under a deadline, without a result. */
  @FunctionalInterface
  public interface Action {
    /** Runs inside the task that called. */
    void run(Timeout timeout) throws Exception;
  }

  private enum State {
    CREATED,
    ACTIVE,
    EXPIRING,
    EXPIRED,
    FINISHED
  }

  private final AbstractEventLoop loop;
  private State state = State.CREATED;
  private @Nullable Duration when;
  private @Nullable Handle timer;
  private @Nullable Task<?> task;
  private int cancellingBefore;

  private Timeout(AbstractEventLoop loop, @Nullable Duration when) {
    this.loop = loop;
    this.when = when;
  }

  static Timeout after(@Nullable Duration delay) {
    AbstractEventLoop loop = AbstractEventLoop.running();
    Duration when =
        delay == null ? null : Duration.ofNanos(Durations.later(loop.timeNanos(), delay));
    return new Timeout(loop, when);
  }

  static Timeout at(@Nullable Duration when) {
    return new Timeout(AbstractEventLoop.running(), when);
  }

  static TimeoutException exceeded(CancelledError cause) {
    var e = new TimeoutException();
    e.initCause(cause);
    return e;
  }

  <R extends @Nullable Object> R run(Body<R> body) {
    enter();
    R result;
    try {
      result = body.run(this);
    } catch (Throwable e) {
      throw Errors.unchecked(translated(entered().interruption(e)));
    }
    leave();
    return result;
  }

  @SuppressWarnings("overloads") // as in Asyncio
  void run(Action body) {
    this.<@Nullable Void>run(timeout -> {
      body.run(timeout);
      return null;
    });
  }

  private void enter() {
    Task<?> current = loop.now.task;
    if (current == null) {
      throw new IllegalStateException(
          "Timeout should be used inside a task; wrap the code: createTask(async(() -> …))");
    }
    state = State.ACTIVE;
    task = current;
    cancellingBefore = current.cancelling();
    reschedule(when);
  }

  /** What comes out of the block instead of {@code e}, which came out of the body. */
  private Throwable translated(Throwable e) {
    if (leave()) {
      if (e instanceof CancelledError cancelled) {
        return exceeded(cancelled);
      }
      e.addSuppressed(new TimeoutException("the deadline passed before this was thrown"));
    }
    return e;
  }

  /** Returns whether the deadline has passed and nobody else has cancelled the task. */
  private boolean leave() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (state == State.ACTIVE) {
      state = State.FINISHED;
      return false;
    }
    state = State.EXPIRED;
    return entered().uncancel() <= cancellingBefore;
  }

  private Task<?> entered() {
    return java.util.Objects.requireNonNull(task);
  }

  private void expire() {
    entered().cancel();
    state = State.EXPIRING;
    timer = null;
  }

  /** The deadline on the loop's clock; null if there is none. */
  public @Nullable Duration when() {
    return when;
  }

  /**
   * Moves the deadline; one that has passed expires in the next turn.
   *
   * @param when the new deadline on the loop's clock; null for none
   * @throws IllegalStateException if the block has not been entered, has expired or has been left
   */
  public void reschedule(@Nullable Duration when) {
    if (state != State.ACTIVE) {
      throw new IllegalStateException(
          state == State.CREATED
              ? "Timeout has not been entered"
              : "Cannot change state of "
                  + state.name().toLowerCase(java.util.Locale.ROOT)
                  + " Timeout");
    }
    this.when = when;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (when != null) {
      timer =
          Durations.nanos(when) <= loop.timeNanos()
              ? loop.callSoon(this::expire)
              : loop.callAt(when, this::expire);
    }
  }

  /** Whether the deadline passed while the block was active. */
  public boolean expired() {
    return state == State.EXPIRING || state == State.EXPIRED;
  }

  @Override
  public String toString() {
    return "<Timeout ["
        + state.name().toLowerCase(java.util.Locale.ROOT)
        + "]"
        + (state == State.ACTIVE ? " when=" + when : "")
        + ">";
  }
}

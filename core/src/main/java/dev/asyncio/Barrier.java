package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A meeting point for a fixed number of tasks: all wait until the last has come, then go on
 * together. It can be used again at once.
 *
 * <p>While the tasks of one round are leaving, those that come for the next wait outside.
 *
 * <p><b>Threads:</b> loop only. It may be made anywhere; the first use that has to wait ties it to
 * the running loop. <b>Source:</b> CPython 3.14, {@code asyncio.Barrier}.
 */
@CheckReturnValue
public final class Barrier {

  /**
   * FILLING until all are there, then DRAINING until the last has left, then FILLING again.
   * RESETTING from a reset until all who were waiting have left. BROKEN from an abort to the next
   * reset.
   */
  private enum State {
    FILLING,
    DRAINING,
    RESETTING,
    BROKEN
  }

  private final Condition condition = new Condition();
  private final int parties;
  private State state = State.FILLING;
  private int inside; // tasks that came in and have not left

  /**
   * Makes an empty barrier.
   *
   * @param parties how many tasks it takes
   * @throws IllegalArgumentException if that is less than one
   */
  public Barrier(int parties) {
    if (parties < 1) {
      throw new IllegalArgumentException(
          "parties must be >= 1, but is " + parties + "; count the waiting tasks themselves");
    }
    this.parties = parties;
  }

  /**
   * Waits until as many tasks as the barrier takes are waiting.
   *
   * <p><b>Order and cost:</b> the last to come is not suspended; the others go on in the order in
   * which they came. While a round drains, newcomers wait for its end.
   *
   * <p><b>Cancellation:</b> a cancelled task leaves the barrier, which goes on filling without it.
   * Once all have come, cancelling one changes nothing for the others.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Barrier.wait}.
   *
   * @return a coroutine that ends with the number of tasks that had come before, from 0 to {@code
   *     parties() - 1}: another one for each task of a round
   * @throws BrokenBarrierException on awaiting it, if the barrier is broken, or is aborted or reset
   *     meanwhile
   * @throws IllegalStateException on awaiting it, if it has to wait and the barrier is bound to a
   *     different event loop
   */
  public Coroutine<Integer> waitFor() {
    return new Wait();
  }

  private final class Wait extends Suspension<Integer> {
    @Override
    Integer run(Task<?> task) {
      return waitNow(task);
    }
  }

  private int waitNow(Task<?> task) {
    condition.acquireNow(task);
    try {
      enter(task);
      try {
        int index = inside++;
        if (index + 1 == parties) {
          state = State.DRAINING;
          condition.signalAll();
        } else {
          awaitOthers(task);
        }
        return index;
      } finally {
        inside--;
        leave();
      }
    } finally {
      condition.release();
    }
  }

  /** Waits outside while an earlier round is leaving. */
  private void enter(Task<?> task) {
    condition.waitNow(task, () -> state != State.DRAINING && state != State.RESETTING);
    if (state == State.BROKEN) {
      throw new BrokenBarrierException("Barrier aborted: " + this + " needs a reset() first");
    }
  }

  private void awaitOthers(Task<?> task) {
    condition.waitNow(task, () -> state != State.FILLING);
    if (state == State.BROKEN || state == State.RESETTING) {
      throw new BrokenBarrierException("Abort or reset of barrier " + this);
    }
  }

  /** The last one out opens the barrier for those who wait outside. */
  private void leave() {
    if (inside == 0) {
      if (state == State.DRAINING || state == State.RESETTING) {
        state = State.FILLING;
      }
      condition.signalAll();
    }
  }

  /**
   * Empties the barrier and mends it if it was broken: tasks that wait get a {@link
   * BrokenBarrierException}.
   *
   * <p><b>Cancellation:</b> a task cancelled before it had its turn resets nothing.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Barrier.reset}.
   *
   * @return a coroutine that suspends only while the barrier is busy
   */
  public Coroutine<@Nullable Void> reset() {
    return Coroutine.of(this::resetNow);
  }

  private void resetNow() {
    condition.hold(() -> {
      state = inside > 0 ? State.RESETTING : State.FILLING;
      condition.signalAll();
    });
  }

  /**
   * Breaks the barrier: tasks that wait, and those that come from now on, get a {@link
   * BrokenBarrierException}, until a {@link #reset}.
   *
   * <p><b>Cancellation:</b> a task cancelled before it had its turn breaks nothing.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Barrier.abort}.
   *
   * @return a coroutine that suspends only while the barrier is busy
   */
  public Coroutine<@Nullable Void> abort() {
    return Coroutine.of(this::abortNow);
  }

  private void abortNow() {
    condition.hold(() -> {
      state = State.BROKEN;
      condition.signalAll();
    });
  }

  /**
   * Returns how many tasks it takes.
   *
   * @return the number given at construction
   */
  public int parties() {
    return parties;
  }

  /**
   * Returns how many tasks wait for the others to come.
   *
   * @return the number of tasks, 0 while a round drains and while it is broken
   */
  public int nWaiting() {
    return state == State.FILLING ? inside : 0;
  }

  /**
   * Tells whether it is broken.
   *
   * @return true from {@code abort} to {@code reset}
   */
  public boolean broken() {
    return state == State.BROKEN;
  }

  @Override
  public String toString() {
    String waiting = broken() ? "" : ", waiters:" + nWaiting() + "/" + parties;
    String name = state.name().toLowerCase(Locale.ROOT);
    return "<" + WaitQueue.identity(this) + " [" + name + waiting + "]>";
  }
}

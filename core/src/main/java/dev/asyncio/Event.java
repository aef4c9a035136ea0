package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * A flag that tasks can wait for.
 *
 * <p><b>Threads:</b> loop only; from another thread use {@code
 * loop.callSoonThreadsafe(event::set)}. It may be made anywhere; the first {@code waitFor} that has
 * to wait ties it to the running loop. <b>Source:</b> CPython 3.14, {@code asyncio.Event}.
 */
@CheckReturnValue
public final class Event {
  private final WaitQueue waiters = new WaitQueue(new LoopBinding(this));
  private boolean set;

  /** Makes one that is not set. */
  public Event() {}

  /**
   * Waits until the flag is set.
   *
   * <p><b>Order and cost:</b> waiters go on in the order in which they came; O(1); no suspension
   * while the flag is set. A task that was woken goes on even if the flag is cleared before it
   * runs.
   *
   * <p><b>Cancellation:</b> a cancelled task stops waiting; nothing else happens.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Event.wait}.
   *
   * @return a coroutine that ends with {@code true}, as in CPython
   * @throws IllegalStateException on awaiting it, if it has to wait and the event is bound to a
   *     different event loop
   */
  public Coroutine<Boolean> waitFor() {
    return new Wait();
  }

  private final class Wait extends Suspension<Boolean> {
    @Override
    Boolean run(Task<?> task) {
      waitNow(task);
      return true;
    }
  }

  /** What {@link #waitFor} does when awaited; suspends. */
  void waitNow(Task<?> task) {
    if (!set) {
      waiters.await(task);
    }
  }

  /** Sets the flag and wakes all who wait for it. */
  public void set() {
    if (!set) {
      set = true;
      waiters.wakeAll();
    }
  }

  /** Clears the flag: who waits from now on waits for the next {@link #set}. */
  public void clear() {
    set = false;
  }

  /**
   * Tells whether the flag is set.
   *
   * @return true from {@code set} to {@code clear}
   */
  public boolean isSet() {
    return set;
  }

  @Override
  public String toString() {
    return waiters.describe(set ? "set" : "unset");
  }
}

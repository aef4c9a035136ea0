package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks that share a lock wait for a change of what it guards.
 *
 * <p>A waiting task gives the lock up and has it again when it goes on. Several conditions may
 * share one lock.
 *
 * {@snippet :
 * try (var _ = condition.hold().await()) {
 *   var job = condition.waitFor(() -> jobs.peekFirst()).await();
 *   …
 * }
 * }
 *
 * <p><b>Threads:</b> loop only. It may be made anywhere; the first {@code waitFor} ties it to the
 * running loop. <b>Source:</b> CPython 3.14, {@code asyncio.Condition}.
 */
@CheckReturnValue
public final class Condition implements Held.Holdable {
  private final Lock lock;
  private final WaitQueue waiters = new WaitQueue(new LoopBinding(this));

  /** Makes one with a lock of its own. */
  public Condition() {
    this(new Lock());
  }

  /**
   * Makes one on a lock that others use too.
   *
   * @param lock the lock that guards what the condition is about
   */
  public Condition(Lock lock) {
    this.lock = lock;
  }

  /**
   * Takes the lock; as {@link Lock#acquire}.
   *
   * @return a coroutine that ends with {@code true}, as in CPython
   */
  public Coroutine<Boolean> acquire() {
    return lock.acquire();
  }

  /** What {@link #acquire} does when awaited; suspends. */
  void acquireNow(Task<?> task) {
    lock.acquireNow(task);
  }

  /**
   * Gives the lock up; as {@link Lock#release}.
   *
   * @throws IllegalStateException if it is not locked
   */
  @Override
  public void release() {
    lock.release();
  }

  /**
   * Tells whether some task has the lock.
   *
   * @return true from {@code acquire} to {@code release}
   */
  public boolean locked() {
    return lock.locked();
  }

  /**
   * Takes the lock for a block: {@code try (var _ = condition.hold().await()) { … }}; as {@link
   * Lock#hold()}.
   *
   * @return a coroutine that ends with what {@code try} closes
   */
  public Coroutine<Held> hold() {
    return lock.hold();
  }

  /**
   * Runs a body while holding the lock; as {@link Lock#hold(Callable)}.
   *
   * @param body what to do; may suspend, and throw anything
   * @param <R> what it returns
   * @return what it returned
   */
  @CanIgnoreReturnValue
  public <R extends @Nullable Object> R hold(Callable<R> body) {
    return lock.hold(body);
  }

  /**
   * Runs a body without result while holding the lock; as {@link Lock#hold(Callable)}.
   *
   * @param body what to do; may suspend, and throw anything
   */
  public void hold(Action body) {
    lock.hold(body);
  }

  /**
   * Gives the lock up, waits for a signal, and takes the lock again.
   *
   * <p>It may end without a signal meant for it, so what was waited for must be looked at again;
   * {@link #waitFor(Supplier)} does.
   *
   * <p><b>Order and cost:</b> signals go to the waiters in the order in which they came; O(1).
   *
   * <p><b>Cancellation:</b> a cancelled task takes the lock again before {@link CancelledError}
   * leaves this, however often it is cancelled meanwhile. A signal that it had got goes to the
   * next.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Condition.wait}.
   *
   * @return a coroutine that ends with {@code true}, as in CPython
   * @throws IllegalStateException on awaiting it, if the lock is not held, or the condition is
   *     bound to a different event loop
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

  /** What {@link #waitFor()} does when awaited; suspends. */
  void waitNow(Task<?> task) {
    if (!lock.locked()) {
      throw new IllegalStateException(
          "cannot wait on un-acquired lock: acquire " + this + " first, or hold() it");
    }
    WaitQueue.Waiter waiter = waiters.enter(task);
    lock.release();
    try {
      try {
        waiter.await(task);
      } finally {
        waiters.leave(waiter);
        reacquire(task);
      }
    } catch (Throwable failure) { // it may have come after a signal, which is not this one's now
      waiters.wakeNext();
      throw failure;
    }
  }

  /** Takes the lock whatever comes, then throws the last cancellation that came. */
  private void reacquire(Task<?> task) {
    CancelledError last = null;
    while (true) {
      try {
        lock.acquireNow(task);
        break;
      } catch (CancelledError cancelled) {
        last = cancelled;
      }
    }
    if (last != null) {
      throw last;
    }
  }

  /**
   * Waits until a predicate holds: until it gives something other than {@code null} and {@code
   * false}.
   *
   * <p>The predicate is asked with the lock held: at once, and again after every signal.
   * Cancellation and order are those of {@link #waitFor()}; if it holds at once the task is not
   * suspended.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Condition.wait_for}.
   *
   * @param predicate what to wait for
   * @param <T> what the predicate gives
   * @return a coroutine that ends with what the predicate gave when it held
   * @throws IllegalStateException on awaiting it, if it has to wait and the lock is not held, or
   *     the condition is bound to a different event loop
   */
  public <T> Coroutine<T> waitFor(Supplier<? extends @Nullable T> predicate) {
    return new WaitForPredicate<>(predicate);
  }

  private final class WaitForPredicate<T> extends Suspension<T> {
    private final Supplier<? extends @Nullable T> predicate;

    WaitForPredicate(Supplier<? extends @Nullable T> predicate) {
      this.predicate = predicate;
    }

    @Override
    T run(Task<?> task) {
      return waitNow(task, predicate);
    }
  }

  /** What {@link #waitFor(Supplier)} does when awaited; suspends. */
  @CanIgnoreReturnValue
  <T> T waitNow(Task<?> task, Supplier<? extends @Nullable T> predicate) {
    while (true) {
      T outcome = predicate.get();
      if (outcome != null && !Boolean.FALSE.equals(outcome)) {
        return outcome;
      }
      waitNow(task);
    }
  }

  /**
   * Wakes the first task that waits. It goes on when it has got the lock.
   *
   * @throws IllegalStateException if the lock is not held
   */
  public void signal() {
    signal(1);
  }

  /**
   * Wakes the first tasks that wait, up to a number. They go on one by one as they get the lock.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Condition.notify}; {@link Object#notify} has the
   * name.
   *
   * @param count how many to wake at most
   * @throws IllegalStateException if the lock is not held
   */
  public void signal(int count) {
    if (!lock.locked()) {
      throw new IllegalStateException(
          "cannot notify on un-acquired lock: acquire " + this + " first, or hold() it");
    }
    for (int woken = 0; woken < count; woken++) {
      if (!waiters.wakeNext()) {
        break;
      }
    }
  }

  /**
   * Wakes all tasks that wait. They go on one by one as they get the lock.
   *
   * @throws IllegalStateException if the lock is not held
   */
  public void signalAll() {
    signal(waiters.size());
  }

  @Override
  public String toString() {
    return waiters.describe(locked() ? "locked" : "unlocked");
  }
}

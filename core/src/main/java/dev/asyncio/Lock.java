package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Mutual exclusion between the tasks of one loop.
 *
 * <p>The lock is fair: tasks get it in the order in which they asked, and a newcomer cannot
 * overtake one that was woken and has not run yet. It belongs to no task: it cannot be taken a
 * second time by the task that has it, and any task may release it. Code between two suspensions
 * runs undisturbed anyway; a lock is for what must hold across an {@code await}.
 *
 * {@snippet :
 * try (var _ = lock.hold().await()) {
 *   balance = fetchBalance().await() - amount;
 *   store(balance).await();
 * }
 * }
 *
 * <p><b>Threads:</b> loop only. It may be made anywhere; the first {@code acquire} that has to wait
 * ties it to the running loop. <b>Source:</b> CPython 3.14, {@code asyncio.Lock}.
 */
@CheckReturnValue
public final class Lock implements Held.Holdable {
  private final WaitQueue waiters = new WaitQueue(new LoopBinding(this));
  private boolean locked;

  /** Makes an unlocked lock. */
  public Lock() {}

  /**
   * Takes the lock, suspending the awaiting task until it is free.
   *
   * <p><b>Order and cost:</b> first come, first served; O(1); no suspension if it is free and
   * nobody is ahead.
   *
   * <p><b>Cancellation:</b> a task cancelled while waiting leaves the queue without the lock. If it
   * was its turn already, the next one is woken in its place.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Lock.acquire}.
   *
   * @return a coroutine that ends with {@code true}, as in CPython
   * @throws IllegalStateException on awaiting it, if it has to wait and the lock is bound to a
   *     different event loop
   */
  public Coroutine<Boolean> acquire() {
    return new Acquire();
  }

  /** One object for each call, since this is the hot path. */
  private final class Acquire extends Suspension<Boolean> {
    @Override
    Boolean run(Task<?> task) {
      acquireNow(task);
      return true;
    }
  }

  /** What {@link #acquire} does when awaited; suspends. */
  void acquireNow(Task<?> task) {
    if (!tryAcquire()) {
      awaitTurn(task);
    }
  }

  private void acquireNow() {
    if (!tryAcquire()) {
      awaitTurn(AbstractEventLoop.requireTask(this));
    }
  }

  private boolean tryAcquire() {
    if (locked || waiters.hasClaims()) {
      return false;
    }
    locked = true;
    return true;
  }

  private void awaitTurn(Task<?> task) {
    try {
      waiters.await(task);
    } catch (CancelledError cancelled) {
      if (!locked) { // it may have been this one's turn
        waiters.wakeHead();
      }
      throw cancelled;
    }
    locked = true;
  }

  /**
   * Gives the lock up and wakes the first that waits for it.
   *
   * @throws IllegalStateException if it is not locked
   */
  @Override
  public void release() {
    if (!locked) {
      throw new IllegalStateException(
          "Lock is not acquired: release() of " + this + " must follow an acquire() of its own");
    }
    locked = false;
    waiters.wakeHead();
  }

  /**
   * Tells whether some task has the lock.
   *
   * @return true from {@code acquire} to {@code release}
   */
  public boolean locked() {
    return locked;
  }

  /**
   * Takes the lock for a block: {@code try (var _ = lock.hold().await()) { … }}.
   *
   * <p>It waits, and is cancelled, as {@link #acquire} is; leaving the block releases, whatever
   * happened in it.
   *
   * <p><b>Source:</b> CPython 3.14, {@code async with lock}.
   *
   * @return a coroutine that ends with what {@code try} closes
   */
  public Coroutine<Held> hold() {
    return new Hold();
  }

  private final class Hold extends Suspension<Held> {
    @Override
    Held run(Task<?> task) {
      acquireNow(task);
      return new Held(Lock.this);
    }
  }

  /**
   * Runs a body, here and now in the current task, while holding the lock.
   *
   * <p>It suspends, and is cancelled, as {@link #acquire} does; the lock is released whatever
   * happens in the body.
   *
   * @param body what to do; may suspend, and throw anything
   * @param <R> what it returns
   * @return what it returned
   */
  @CanIgnoreReturnValue
  public <R extends @Nullable Object> R hold(Callable<R> body) {
    acquireNow();
    try {
      return body.call();
    } catch (Exception e) { // passes, declared or not, as through await()
      throw Errors.unchecked(e);
    } finally {
      release();
    }
  }

  /**
   * Runs a body without result while holding the lock; as {@link #hold(Callable)}.
   *
   * @param body what to do; may suspend, and throw anything
   */
  public void hold(Action body) {
    acquireNow();
    try {
      body.run();
    } catch (Exception e) { // passes, declared or not, as through await()
      throw Errors.unchecked(e);
    } finally {
      release();
    }
  }

  @Override
  public String toString() {
    return waiters.describe(locked ? "locked" : "unlocked");
  }
}

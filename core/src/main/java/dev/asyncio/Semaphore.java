package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Permits that tasks take and give back, to limit how many do something at a time.
 *
 * <p>It is fair as {@link Lock} is. Permits belong to no task, and more may be given back than were
 * taken; {@link BoundedSemaphore} refuses that.
 *
 * {@snippet :
 * try (var _ = atMostTen.hold().await()) {
 *   return fetch(url).await();
 * }
 * }
 *
 * <p><b>Threads:</b> loop only. It may be made anywhere; the first {@code acquire} that has to wait
 * ties it to the running loop. <b>Source:</b> CPython 3.14, {@code asyncio.Semaphore}.
 */
@CheckReturnValue
public class Semaphore implements Held.Holdable {
  @SuppressWarnings("this-escape") // kept for messages only
  private final WaitQueue waiters = new WaitQueue(new LoopBinding(this));

  // Permits that are neither taken nor handed to a waiter that has been woken.
  private int free;

  /** Makes one with a single permit. */
  public Semaphore() {
    this(1);
  }

  /**
   * Makes one with the given number of permits.
   *
   * @param value the number of permits at first
   * @throws IllegalArgumentException if it is negative
   */
  public Semaphore(int value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "Semaphore initial value must be >= 0, but is " + value + "; 0 makes acquire() wait");
    }
    this.free = value;
  }

  /**
   * Takes one permit, suspending the awaiting task until there is one.
   *
   * <p><b>Order and cost:</b> first come, first served; O(1); no suspension while a permit is free
   * and nobody is ahead.
   *
   * <p><b>Cancellation:</b> a task cancelled while waiting leaves the queue and holds nothing. A
   * permit already handed to it passes to the next waiter, so none is lost.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Semaphore.acquire}.
   *
   * @return a coroutine that ends with {@code true}, as in CPython
   * @throws IllegalStateException on awaiting it, if it has to wait and the semaphore is bound to a
   *     different event loop
   */
  public final Coroutine<Boolean> acquire() {
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
  final void acquireNow(Task<?> task) {
    if (!tryAcquire()) {
      await(task);
    }
  }

  private void acquireNow() {
    if (!tryAcquire()) {
      await(AbstractEventLoop.requireTask(this));
    }
  }

  private boolean tryAcquire() {
    if (locked()) {
      return false;
    }
    free--;
    return true;
  }

  private void await(Task<?> task) {
    WaitQueue.Waiter waiter = waiters.enter(task);
    try {
      awaitTurn(task, waiter);
    } finally {
      // Permits may have come back while this one stood in the way of those behind it.
      while (free > 0 && waiters.wakeNext()) {
        free--;
      }
    }
  }

  private void awaitTurn(Task<?> task, WaitQueue.Waiter waiter) {
    try {
      waiter.await(task);
    } catch (CancelledError cancelled) {
      if (waiter.done() && !waiter.cancelled()) {
        free++; // it had been handed a permit
      }
      throw cancelled;
    } finally {
      waiters.leave(waiter);
    }
  }

  /** Gives one permit back, handing it to the first task that waits for one. */
  @Override
  public void release() {
    free++;
    if (waiters.wakeNext()) {
      free--;
    }
  }

  /**
   * Tells whether {@link #acquire} would have to wait.
   *
   * @return true if no permit is free, or others are ahead
   */
  public final boolean locked() {
    return free == 0 || waiters.hasClaims();
  }

  /**
   * Takes a permit for a block: {@code try (var _ = semaphore.hold().await()) { … }}.
   *
   * <p>It waits, and is cancelled, as {@link #acquire} is; leaving the block gives the permit back,
   * whatever happened in it.
   *
   * <p><b>Source:</b> CPython 3.14, {@code async with semaphore}.
   *
   * @return a coroutine that ends with what {@code try} closes
   */
  public final Coroutine<Held> hold() {
    return new Hold();
  }

  private final class Hold extends Suspension<Held> {
    @Override
    Held run(Task<?> task) {
      acquireNow(task);
      return new Held(Semaphore.this);
    }
  }

  /**
   * Runs a body, here and now in the current task, while holding a permit.
   *
   * <p>It suspends, and is cancelled, as {@link #acquire} does; the permit is given back whatever
   * happens in the body.
   *
   * @param body what to do; may suspend, and throw anything
   * @param <R> what it returns
   * @return what it returned
   */
  @CanIgnoreReturnValue
  public final <R extends @Nullable Object> R hold(Callable<R> body) {
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
   * Runs a body without result while holding a permit; as {@link #hold(Callable)}.
   *
   * @param body what to do; may suspend, and throw anything
   */
  public final void hold(Action body) {
    acquireNow();
    try {
      body.run();
    } catch (Exception e) { // passes, declared or not, as through await()
      throw Errors.unchecked(e);
    } finally {
      release();
    }
  }

  /** Permits that are free, which is what CPython shows as the value. */
  final int free() {
    return free;
  }

  @Override
  public String toString() {
    return waiters.describe(locked() ? "locked" : "unlocked, value:" + free);
  }
}

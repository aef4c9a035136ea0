package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Hands items from tasks to tasks, first in, first out.
 *
 * <p>Bounded, it holds producers back: {@code put} waits while the queue is full, {@code get} while
 * it is empty. After {@link #shutdown()} nothing more comes in, and iterating ends when the rest is
 * gone:
 *
 * {@snippet :
 * for (var job : queue) {   // each step waits for an item
 *   work(job);
 *   queue.taskDone();
 * }
 * }
 *
 * <p>Between two suspensions sizes are exact, unlike those of the queues for threads.
 *
 * <p><b>Threads:</b> loop only; from another thread use {@code loop.callSoonThreadsafe}. It may be
 * made anywhere; the first {@code put} or {@code get} that has to wait ties it to the running loop.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Queue}. <b>Differs:</b> it can be iterated.
 *
 * @param <T> the type of the items; {@code null} is an item like any other
 */
@CheckReturnValue
public class Queue<T extends @Nullable Object> implements Iterable<T> {

  /** Stands for null among the items, since the JDK's queues hold none. */
  private enum Null {
    ITEM;

    @Override
    public String toString() {
      return "null";
    }
  }

  private final int maxsize;
  private final java.util.Queue<Object> items;

  /** Whether {@link Null} may stand for null in items. */
  private final boolean nulls;

  private final WaitQueue getters;
  private final WaitQueue putters;

  // Items that were put and not yet reported as done. Invariant: finished is set exactly at 0.
  private int unfinished;
  private final Event finished = new Event();

  private boolean shutDown;

  /** Makes an empty queue without a bound. */
  public Queue() {
    this(0);
  }

  /**
   * Makes an empty queue.
   *
   * @param maxsize how many items it holds at most; 0 or less means without a bound
   */
  @SuppressWarnings("this-escape") // kept for messages only
  public Queue(int maxsize) {
    this(maxsize, new ArrayDeque<>(), true);
  }

  /**
   * Makes a queue that keeps its items in another way: it adds at the tail of {@code storage} and
   * takes from the head, whatever these are there. Asyncio's hooks {@code _init}, {@code _put} and
   * {@code _get} are its constructor, {@link java.util.Queue#add add} and {@link
   * java.util.Queue#poll poll}; an item that is added and leaves {@code size()} as it was counts as
   * one to be done all the same.
   *
   * @param maxsize how many items it holds at most; 0 or less means without a bound
   * @param storage empty, and used by nobody else; {@code null} is no item for such a queue
   */
  @SuppressWarnings({"unchecked", "this-escape"}) // only items go in; kept for messages only
  protected Queue(int maxsize, java.util.Queue<T> storage) {
    this(maxsize, (java.util.Queue<Object>) storage, false);
  }

  /** For queues with another order, which is that of {@code items}. */
  Queue(int maxsize, java.util.Queue<Object> items, boolean nulls) {
    this.maxsize = maxsize;
    this.items = items;
    this.nulls = nulls;
    LoopBinding binding = new LoopBinding(this);
    this.getters = new WaitQueue(binding);
    this.putters = new WaitQueue(binding);
    finished.set();
  }

  private static Object masked(@Nullable Object item) {
    return item == null ? Null.ITEM : item;
  }

  @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
  static <T extends @Nullable Object> T unmasked(Object item) {
    return (T) (item == Null.ITEM ? null : item);
  }

  /**
   * Adds an item, suspending the awaiting task until there is room for it.
   *
   * <p><b>Order and cost:</b> first come, first served among those that wait; O(1); no suspension
   * while there is room.
   *
   * <p><b>Cancellation:</b> a task cancelled while waiting has added nothing. If it had been woken
   * to use a free place, the next one that waits is woken in its stead.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Queue.put}.
   *
   * @param item what to add
   * @return a coroutine that adds it
   * @throws QueueShutDownException on awaiting it, if the queue was shut down, be it meanwhile
   * @throws IllegalStateException on awaiting it, if it has to wait and the queue is bound to a
   *     different event loop
   */
  public Coroutine<@Nullable Void> put(T item) {
    return new Put(item);
  }

  private final class Put extends Suspension<@Nullable Void> {
    private final T item;

    Put(T item) {
      this.item = item;
    }

    @Override
    @Nullable Void run(Task<?> task) {
      while (full()) {
        requireOpen("put");
        awaitRoom(task);
      }
      putNowait(item);
      return null;
    }
  }

  private void awaitRoom(Task<?> task) {
    WaitQueue.Waiter waiter = putters.enter(task);
    try {
      waiter.await(task);
    } catch (Throwable failure) {
      if (abandon(putters, waiter) && !full()) {
        putters.dismissNext();
      }
      throw failure;
    }
  }

  /**
   * Adds an item if there is room for it now.
   *
   * @param item what to add
   * @throws QueueFullException if there is no room
   * @throws QueueShutDownException if the queue was shut down
   */
  public void putNowait(T item) {
    requireOpen("put");
    if (full()) {
      throw new QueueFullException(
          "putNowait() refused: " + brief() + " is full; await put() to wait for room");
    }
    if (item == null && !nulls) {
      throw new NullPointerException(
          "null is no item for " + brief() + ", which has its own storage");
    }
    items.add(masked(item));
    if (unfinished++ == 0) {
      finished.clear();
    }
    getters.dismissNext();
  }

  private void requireOpen(String operation) {
    if (shutDown) {
      throw new QueueShutDownException(
          operation
              + "() refused: "
              + brief()
              + " was shut down; catch this to end the producer, or stop it first");
    }
  }

  /**
   * Removes and gives the next item, suspending the awaiting task until there is one.
   *
   * <p><b>Order and cost:</b> first come, first served among those that wait; O(1), O(log n) with
   * priorities; no suspension while there is an item.
   *
   * <p><b>Cancellation:</b> a task cancelled while waiting has taken nothing. If it had been woken
   * to take an item, the next one that waits is woken in its stead.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Queue.get}.
   *
   * @return a coroutine that ends with the item
   * @throws QueueShutDownException on awaiting it, if the queue is empty and was shut down, be it
   *     meanwhile
   * @throws IllegalStateException on awaiting it, if it has to wait and the queue is bound to a
   *     different event loop
   */
  public Coroutine<T> get() {
    return new Get();
  }

  private final class Get extends Suspension<T> {
    @Override
    T run(Task<?> task) {
      while (empty() && !shutDown) {
        awaitItem(task);
      }
      return getNowait();
    }
  }

  private void awaitItem(Task<?> task) {
    WaitQueue.Waiter waiter = getters.enter(task);
    try {
      waiter.await(task);
    } catch (Throwable failure) {
      if (abandon(getters, waiter) && !empty()) {
        getters.dismissNext();
      }
      throw failure;
    }
  }

  /** Leaves without having got its turn to the end; true if it had been woken for it. */
  private static boolean abandon(WaitQueue waiters, WaitQueue.Waiter waiter) {
    waiters.leave(waiter);
    return !waiter.cancel() && !waiter.cancelled();
  }

  /**
   * Removes and gives the next item if there is one now.
   *
   * @return the item
   * @throws QueueEmptyException if there is none
   * @throws QueueShutDownException if there is none, and none will come since the queue was shut
   *     down
   */
  @CanIgnoreReturnValue
  public T getNowait() {
    Object item = items.poll();
    if (item == null) {
      if (shutDown) {
        throw new QueueShutDownException(
            "get() refused: " + brief() + " was shut down and is empty; catch this to end");
      }
      throw new QueueEmptyException(
          "getNowait() refused: " + brief() + " is empty; await get() to wait for an item");
    }
    putters.dismissNext();
    return unmasked(item);
  }

  /**
   * Reports one item that was taken as done. When all that were put are done, {@link #join} ends.
   *
   * @throws IllegalArgumentException if more items are reported than were put
   */
  public void taskDone() {
    if (unfinished <= 0) {
      throw new IllegalArgumentException(
          "task_done() called too many times: all items put into "
              + brief()
              + " are done; call it once for each item");
    }
    if (--unfinished == 0) {
      finished.set();
    }
  }

  /**
   * Waits until all items that were put have been reported as done.
   *
   * <p><b>Order and cost:</b> no suspension if there is nothing to wait for; who has been woken
   * goes on even if more is put before it runs.
   *
   * <p><b>Cancellation:</b> a cancelled task stops waiting; nothing else happens.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Queue.join}.
   *
   * @return a coroutine that ends when nothing is left to do
   * @throws IllegalStateException on awaiting it, if it has to wait and others wait for it on a
   *     different event loop
   */
  public Coroutine<@Nullable Void> join() {
    return new Join();
  }

  private final class Join extends Suspension<@Nullable Void> {
    @Override
    @Nullable Void run(Task<?> task) {
      if (unfinished > 0) {
        finished.waitNow(task);
      }
      return null;
    }
  }

  /**
   * Lets no more items in. What is in the queue can still be taken; then {@code get} throws a
   * {@link QueueShutDownException} and iterating ends. All who wait are woken to look again.
   */
  public void shutdown() {
    shutdown(false);
  }

  /**
   * Lets no more items in, and if it is to be immediate drops those that are in it, counting them
   * as done. All who wait in {@code get} and {@code put} are woken to look again; {@code join} ends
   * once the items taken earlier are reported as done too.
   *
   * <p><b>Source:</b> CPython 3.14, {@code asyncio.Queue.shutdown}.
   *
   * @param immediate whether to drop the items
   */
  public void shutdown(boolean immediate) {
    shutDown = true;
    if (immediate) {
      unfinished = Math.max(0, unfinished - qsize());
      items.clear();
      if (unfinished == 0) {
        finished.set();
      }
    }
    getters.dismissAll();
    putters.dismissAll();
  }

  /**
   * Returns how many items it holds at most.
   *
   * @return the number given at construction; 0 or less for a queue without a bound
   */
  public int maxsize() {
    return maxsize;
  }

  /**
   * Returns the number of items in it.
   *
   * @return the exact number, which stays until the next suspension unless this task changes it
   */
  public int qsize() {
    return items.size();
  }

  /**
   * Tells whether there are no items in it.
   *
   * @return true if {@link #get} would have to wait
   */
  public boolean empty() {
    return items.isEmpty();
  }

  /**
   * Tells whether there is no room in it.
   *
   * @return true if {@link #put} would have to wait, which is never so without a bound
   */
  public boolean full() {
    return maxsize > 0 && items.size() >= maxsize;
  }

  /**
   * Takes the items one by one until the queue is shut down and empty. {@code hasNext} waits for an
   * item, as {@link #get} does, and is cancelled like it; the item is taken then, for {@code next}
   * to give. Several tasks may iterate at once, sharing the items.
   *
   * @return an iterator to use in a task
   */
  @Override
  public Iterator<T> iterator() {
    return new Items();
  }

  private final class Items implements Iterator<T> {
    private @Nullable Object taken;

    @Override
    public boolean hasNext() {
      if (taken != null) {
        return true;
      }
      while (empty()) {
        if (shutDown) {
          return false;
        }
        awaitItem(AbstractEventLoop.requireTask(Queue.this));
      }
      taken = masked(getNowait());
      return true;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException(brief() + " was shut down and has no more items");
      }
      Object item = masked(taken);
      taken = null;
      return unmasked(item);
    }
  }

  private String brief() {
    return WaitQueue.identity(this) + " maxsize=" + maxsize;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("<").append(brief());
    if (!empty()) {
      text.append(" queue=").append(items);
    }
    if (getters.size() > 0) {
      text.append(" getters[").append(getters.size()).append(']');
    }
    if (putters.size() > 0) {
      text.append(" putters[").append(putters.size()).append(']');
    }
    if (unfinished > 0) {
      text.append(" tasks=").append(unfinished);
    }
    return text.append(shutDown ? " shutdown>" : ">").toString();
  }
}

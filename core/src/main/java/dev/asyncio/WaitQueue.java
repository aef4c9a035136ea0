package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * The tasks that wait for something, in the order in which they came: what lies under every
 * synchronisation primitive and queue.
 *
 * <p>A waiter that was woken or cancelled stays in its place until its task runs and {@linkplain
 * #leave leaves}; as long as it is there a primitive can see that somebody is next. All operations
 * take constant time, save for passing over cancelled waiters that have not left yet.
 *
 * <p><b>Threads:</b> loop only.
 */
final class WaitQueue {
  private final LoopBinding binding;

  // A list linked through the waiters. Invariant: all waiters before nextToWake are done.
  private @Nullable Waiter head;
  private @Nullable Waiter tail;
  private @Nullable Waiter nextToWake;
  private int size;

  /** A place in the queue, and the future that its task awaits: true once woken. */
  static final class Waiter extends Future<Boolean> {
    private @Nullable Waiter previous;
    private @Nullable Waiter next;
    private boolean queued;

    private Waiter(AbstractEventLoop loop) {
      super(loop);
    }
  }

  WaitQueue(LoopBinding binding) {
    this.binding = binding;
  }

  /** Takes the last place. The task then awaits the waiter and leaves, in a finally. */
  Waiter enter(Task<?> task) {
    Waiter waiter = new Waiter(binding.require(task.loop));
    waiter.queued = true;
    waiter.previous = tail;
    if (tail == null) {
      head = waiter;
    } else {
      tail.next = waiter;
    }
    tail = waiter;
    if (nextToWake == null) {
      nextToWake = waiter;
    }
    size++;
    return waiter;
  }

  /** Gives up a place; nothing happens if it was given up before. */
  void leave(Waiter waiter) {
    if (!waiter.queued) {
      return;
    }
    waiter.queued = false;
    size--;
    Waiter before = waiter.previous;
    Waiter after = waiter.next;
    if (before == null) {
      head = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      tail = before;
    } else {
      after.previous = before;
    }
    if (nextToWake == waiter) {
      nextToWake = after;
    }
    waiter.previous = null;
    waiter.next = null;
  }

  /** Suspends the current task in the last place until it is woken or cancelled. */
  void await(Task<?> task) {
    Waiter waiter = enter(task);
    try {
      waiter.await(task);
    } finally {
      leave(waiter);
    }
  }

  /** Wakes the head, unless it was woken or cancelled already; never anyone behind it. */
  void wakeHead() {
    if (head != null && !head.done()) {
      head.setResult(true);
    }
  }

  /**
   * Wakes the first that still waits; it keeps its place until it runs.
   *
   * @return false if none waits
   */
  boolean wakeNext() {
    while (nextToWake != null) {
      Waiter waiter = nextToWake;
      nextToWake = waiter.next;
      if (!waiter.done()) {
        waiter.setResult(true);
        return true;
      }
    }
    return false;
  }

  /** Wakes all that still wait. */
  void wakeAll() {
    boolean more;
    do {
      more = wakeNext();
    } while (more);
  }

  /**
   * Wakes the first that still waits, and takes the places of all up to it away.
   *
   * @return false if none waits
   */
  boolean dismissNext() {
    while (head != null) {
      Waiter waiter = head;
      leave(waiter);
      if (!waiter.done()) {
        waiter.setResult(true);
        return true;
      }
    }
    return false;
  }

  /** Wakes all that still wait, and takes all places away. */
  void dismissAll() {
    boolean more;
    do {
      more = dismissNext();
    } while (more);
  }

  /** Whether somebody waits or was woken and has not run yet; the cancelled don't count. */
  boolean hasClaims() {
    Waiter waiter = head;
    while (waiter != null && waiter.cancelled()) {
      waiter = waiter.next;
    }
    return waiter != null;
  }

  /** Number of places, taken by whomever. */
  int size() {
    return size;
  }

  /** The text form of a primitive: its class and identity, its state, and how many wait. */
  String describe(String state) {
    String waiting = size == 0 ? "" : ", waiters:" + size;
    return "<" + identity(binding.owner()) + " [" + state + waiting + "]>";
  }

  /** What tells one object of a class from the others, as in {@code Lock at 0x1b28cdfa}. */
  static String identity(Object object) {
    return object.getClass().getSimpleName()
        + " at 0x"
        + Integer.toHexString(System.identityHashCode(object));
  }
}

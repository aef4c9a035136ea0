package dev.asyncio.loop;

import dev.asyncio.Handle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The only door into the loop for other threads. Each side writes, then reads what the other wrote:
 *
 * <pre>
 *   sender: put work on top;  then read asleep       asleep: wake the poller
 *   loop:   asleep = true;    then read top          work:   do not sleep
 * </pre>
 *
 * so at least one of them notices.
 *
 * <p>What is posted lies in a stack, to which a sender adds by one compare-and-set; the loop takes
 * the whole of it and turns it over, so that work runs in the order in which it came.
 */
final class Inbox {

  private static final VarHandle TOP;
  private static final VarHandle ASLEEP;

  static {
    try {
      var lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(Inbox.class, "top", Posted.class);
      ASLEEP = lookup.findVarHandle(Inbox.class, "asleep", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final class Posted {
    final Handle handle;
    @Nullable Posted below;

    Posted(Handle handle) {
      this.handle = handle;
    }
  }

  private final Runnable wakeUp;
  private volatile @Nullable Posted top;
  private volatile boolean asleep;

  Inbox(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  /** Any thread; at most one wake-up a sleep. */
  void post(Handle handle) {
    var posted = new Posted(handle);
    Posted below;
    do {
      below = top;
      posted.below = below;
    } while (!TOP.compareAndSet(this, below, posted));
    wake();
  }

  /** Any thread: ends the loop's sleep, if it sleeps. */
  void wake() {
    if (asleep && ASLEEP.compareAndSet(this, true, false)) {
      wakeUp.run();
    }
  }

  /** Whether nothing has been posted that was not taken. */
  boolean isEmpty() {
    return top == null;
  }

  /** Loop thread: says that it is about to sleep; {@link #awake} must follow. */
  boolean announceSleep() {
    asleep = true;
    return top == null;
  }

  void awake() {
    asleep = false;
  }

  /** Loop thread. */
  void drainTo(Consumer<? super Handle> out) {
    if (top == null) {
      return;
    }
    Posted next = turnedOver((Posted) TOP.getAndSet(this, null));
    while (next != null) {
      out.accept(next.handle);
      next = next.below;
    }
  }

  private static @Nullable Posted turnedOver(@Nullable Posted last) {
    Posted first = null;
    Posted posted = last;
    while (posted != null) {
      Posted below = posted.below;
      posted.below = first;
      first = posted;
      posted = below;
    }
    return first;
  }

  void clear() {
    top = null;
  }
}

package dev.asyncio.loop;

import dev.asyncio.Handle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The only door into the loop for other threads. Each side writes, then reads what the other wrote:
 *
 * <pre>
 *   sender: queue.add(work); then read asleep           asleep: wake the poller
 *   loop:   asleep = true;   then read queue.isEmpty()  work:   do not sleep
 * </pre>
 *
 * so at least one of them notices.
 */
final class Inbox {

  private static final VarHandle ASLEEP;

  static {
    try {
      ASLEEP = MethodHandles.lookup().findVarHandle(Inbox.class, "asleep", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ConcurrentLinkedQueue<Handle> queue = new ConcurrentLinkedQueue<>();
  private final Runnable wakeUp;
  private volatile boolean asleep;

  Inbox(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  /** Any thread; at most one wake-up a sleep. */
  void post(Handle handle) {
    queue.add(handle);
    wake();
  }

  /** Any thread: ends the loop's sleep, if it sleeps. */
  void wake() {
    if (asleep && ASLEEP.compareAndSet(this, true, false)) {
      wakeUp.run();
    }
  }

  /** Loop thread: says that it is about to sleep; {@link #awake} must follow. */
  boolean announceSleep() {
    asleep = true;
    return queue.isEmpty();
  }

  void awake() {
    asleep = false;
  }

  /** Loop thread. */
  void drainTo(Consumer<? super Handle> out) {
    Handle handle;
    while ((handle = queue.poll()) != null) {
      out.accept(handle);
    }
  }

  void clear() {
    queue.clear();
  }
}

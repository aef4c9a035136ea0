package dev.asyncio;

import dev.asyncio.engine.Strand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What runs on a loop now, and where: on the loop's own thread, or on the strand that it steps. It
 * changes with every step, and the loop itself does not, which other threads read.
 *
 * <p>No thread-local is read to find it: a thread is compared with what the loops have here that
 * run now, of which there is one in most programs and rarely more than one per core.
 */
final class Current {

  /** In place of a thread's identifier, which is never 0. */
  private static final long NOBODY = 0;

  private static final Current[] NONE = {};

  /** Those of the loops that run now; replaced whole. */
  private static volatile Current[] running = NONE;

  /**
   * Where a thread was found last, by its identifier; used while several loops run. Every loop
   * writes its fields at each step, so to search through them means to fetch them from other cores.
   */
  private static final @Nullable Current[] LAST = new @Nullable Current[1024];

  final AbstractEventLoop loop;

  /** The task that is being stepped; null in a callback. */
  @Nullable Task<?> task;

  /** The scope of the callback or of the {@link Context#run} that runs; null for the task's own. */
  @Nullable Object innerScope;

  /** What the task that is resumed next throws at the place where its coroutine is suspended. */
  @Nullable Throwable thrown;

  // Racy reads from foreign threads are harmless: such a thread never finds itself in either field.
  private @Nullable Thread loopThread;
  private long stepped = NOBODY;

  Current(AbstractEventLoop loop) {
    this.loop = loop;
  }

  // ---- where

  /** What runs on the loop that the current thread is on; null if it is on none. */
  static @Nullable Current here() {
    Thread thread = Thread.currentThread();
    Current[] all = running;
    if (all.length > 1) {
      return search(all, thread);
    }
    return all.length == 1 && all[0].has(thread) ? all[0] : null;
  }

  private static @Nullable Current search(Current[] all, Thread thread) {
    int slot = (int) thread.threadId() & (LAST.length - 1);
    Current last = LAST[slot];
    if (last != null && last.has(thread)) {
      return last;
    }
    for (Current current : all) {
      if (current.has(thread)) {
        LAST[slot] = current;
        return current;
      }
    }
    return null;
  }

  /** Whether the current thread is on this loop. */
  boolean isHere() {
    return has(Thread.currentThread());
  }

  private boolean has(Thread thread) {
    return thread.threadId() == stepped || thread == loopThread;
  }

  /** The thread that runs the loop, or null while it does not run. */
  @Nullable Thread loopThread() {
    return loopThread;
  }

  // ---- what; loop only

  /** The current {@link Context}, or the {@link Vars} that stand for it; null between callbacks. */
  @Nullable Object scope() {
    Object inner = innerScope;
    return inner != null || task == null ? inner : task.scope();
  }

  /**
   * A step begins. Each store of an object costs a barrier of the garbage collector, so there is
   * but one.
   *
   * @param strand the one that the step is made on; null for the loop's thread
   */
  void begin(@Nullable Task<?> next, @Nullable Object inner, @Nullable Strand strand) {
    task = next;
    if (innerScope != inner) {
      innerScope = inner;
    }
    stepped = strand == null ? NOBODY : strand.thread().threadId();
  }

  /** The step goes on, on another strand. */
  void goOn(Strand strand) {
    stepped = strand.thread().threadId();
  }

  /** The step is over. */
  void end() {
    begin(null, null, null);
  }

  /** Takes what the task that was resumed has to throw. */
  @Nullable Throwable takeThrown() {
    Throwable e = thrown;
    if (e != null) {
      thrown = null;
    }
    return e;
  }

  // ---- the life of the loop

  /** The current thread begins to run the loop. */
  void attach() {
    loopThread = Thread.currentThread();
    synchronized (Current.class) {
      Current[] grown = Arrays.copyOf(running, running.length + 1);
      grown[grown.length - 1] = this;
      running = grown;
    }
  }

  /** The loop no longer runs. */
  void detach() {
    synchronized (Current.class) {
      List<Current> others = new ArrayList<>(Arrays.asList(running));
      others.remove(this);
      running = others.toArray(NONE);
    }
    loopThread = null;
    stepped = NOBODY;
    for (int slot = 0; slot < LAST.length; slot++) {
      if (LAST[slot] == this) {
        LAST[slot] = null; // or it would keep a closed loop
      }
    }
  }
}

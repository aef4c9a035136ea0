package dev.asyncio.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is on a loop: the thread it runs on, or the strand it is stepping.
 *
 * <p>No thread-local is read: a thread is compared with the fields of the loops that run now, of
 * which there is one in most programs and rarely more than one per core.
 */
public final class LoopAffinity {

  /** In place of a thread's identifier, which is never 0. */
  public static final long NOBODY = 0;

  private static final LoopAffinity[] NONE = {};

  /** The loops that run now; replaced whole. */
  private static volatile LoopAffinity[] running = NONE;

  /**
   * Where a thread was found last, by its identifier; used while several loops run. Every loop
   * writes its fields at each step, so to search through them means to fetch them from other cores.
   */
  private static final @Nullable LoopAffinity[] LAST = new @Nullable LoopAffinity[1024];

  private final Object loop;

  // Racy reads from foreign threads are harmless: such a thread never finds itself in either field.
  private @Nullable Thread loopThread;
  private long stepped = NOBODY;

  /**
   * @param loop what {@link #current} shall give to code that runs on it
   */
  public LoopAffinity(Object loop) {
    this.loop = loop;
  }

  /** Whether the current thread is on this loop. */
  public boolean here() {
    return has(Thread.currentThread());
  }

  private boolean has(Thread thread) {
    return thread.threadId() == stepped || thread == loopThread;
  }

  /** The loop that the current thread is on, or null. */
  public static @Nullable Object current() {
    Thread thread = Thread.currentThread();
    LoopAffinity[] all = running;
    if (all.length > 1) {
      return search(all, thread);
    }
    return all.length == 1 && all[0].has(thread) ? all[0].loop : null;
  }

  private static @Nullable Object search(LoopAffinity[] all, Thread thread) {
    int slot = (int) thread.threadId() & (LAST.length - 1);
    LoopAffinity last = LAST[slot];
    if (last != null && last.has(thread)) {
      return last.loop;
    }
    for (LoopAffinity affinity : all) {
      if (affinity.has(thread)) {
        LAST[slot] = affinity;
        return affinity.loop;
      }
    }
    return null;
  }

  /** The thread that runs the loop, or null while it does not run. */
  public @Nullable Thread loopThread() {
    return loopThread;
  }

  /**
   * Says which strand is about to be stepped. Loop only.
   *
   * @param strand its thread's identifier; {@link #NOBODY} after its step
   */
  public void step(long strand) {
    stepped = strand;
  }

  /** The current thread begins to run the loop. */
  public void enter() {
    loopThread = Thread.currentThread();
    synchronized (LoopAffinity.class) {
      LoopAffinity[] grown = Arrays.copyOf(running, running.length + 1);
      grown[grown.length - 1] = this;
      running = grown;
    }
  }

  /** The loop no longer runs. */
  public void leave() {
    synchronized (LoopAffinity.class) {
      List<LoopAffinity> others = new ArrayList<>(Arrays.asList(running));
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

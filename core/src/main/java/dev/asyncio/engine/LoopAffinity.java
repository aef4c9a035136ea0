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
    Thread thread = Thread.currentThread();
    return thread == loopThread || thread.threadId() == stepped;
  }

  /** The loop that the current thread is on, or null. */
  public static @Nullable Object current() {
    Thread thread = Thread.currentThread();
    for (LoopAffinity affinity : running) {
      if (thread.threadId() == affinity.stepped || thread == affinity.loopThread) {
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
  }
}

package dev.asyncio.loop;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * In debug mode, tells what the loop is busy with while it is busy for too long: the line that
 * blocks it or keeps on computing, of which the report after the fact can only name the task.
 *
 * <p><b>Threads:</b> {@link #begin} and {@link #end} are the loop's; looking is done on a thread of
 * its own, which lives as long as the loop runs.
 */
final class Watchdog {

  private final Supplier<@Nullable Thread> working;
  private volatile long patience;

  // Written by the loop. A report is void if the step is over by the time it is made.
  private volatile @Nullable Runnable step;
  private volatile long since;
  private volatile boolean over;

  private @Nullable Thread thread;

  /**
   * @param working the thread that the loop's present step runs on
   */
  Watchdog(Supplier<@Nullable Thread> working) {
    this.working = working;
  }

  /** A step begins that may take as many nanoseconds. */
  void begin(Runnable entry, long nanos) {
    patience = nanos;
    since = System.nanoTime();
    step = entry;
    if (thread == null) {
      over = false;
      thread = Thread.ofPlatform().daemon().name("asyncio-watchdog").start(this::watch);
    }
  }

  /** The step is over; how long it took. */
  long end() {
    step = null;
    return System.nanoTime() - since;
  }

  /** The loop stops. */
  void close() {
    over = true;
    if (thread != null) {
      LockSupport.unpark(thread);
      thread = null;
    }
  }

  private void watch() {
    long reported = 0;
    while (!over) {
      LockSupport.parkNanos(Math.max(patience / 2, 1_000_000));
      Runnable present = step;
      long start = since;
      if (present != null && start != reported && System.nanoTime() - start >= patience) {
        Thread worker = working.get();
        StackTraceElement[] stack = worker == null ? null : worker.getStackTrace();
        if (stack != null && step == present && since == start) {
          report(present, System.nanoTime() - start, stack);
          reported = start;
        }
      }
    }
  }

  private static void report(Runnable step, long took, StackTraceElement[] stack) {
    var text = new StringBuilder();
    for (StackTraceElement frame : stack) {
      text.append("\n\tat ").append(frame);
    }
    Log.ASYNCIO.log(
        System.Logger.Level.WARNING,
        "Executing {0} has taken {1} ms so far, and nothing else can run; move what it does into"
            + " toThread(…). It is here:{2}",
        step,
        took / 1_000_000,
        text);
  }
}

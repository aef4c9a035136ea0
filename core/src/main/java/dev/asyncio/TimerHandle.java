package dev.asyncio;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A callback that is scheduled to run once at a time of the loop's clock.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.TimerHandle}.
 */
public final class TimerHandle extends Handle {

  private final long when;
  private boolean scheduled;

  TimerHandle(AbstractEventLoop loop, long when, Runnable callback, @Nullable Context context) {
    super(loop, callback, context);
    this.when = when;
  }

  /** The time of the call, on the clock of {@link AbstractEventLoop#time}. */
  public Duration when() {
    return Duration.ofNanos(when);
  }

  /** The time of the call in nanoseconds, for the loop's timer queue. */
  public long whenNanos() {
    return when;
  }

  /** Told by the loop's timer queue: whether the handle sits in it. */
  public void scheduled(boolean inQueue) {
    scheduled = inQueue;
  }

  @Override
  public void cancel() {
    loop.checkThread("cancel");
    if (scheduled && !cancelled()) {
      loop.timerCancelled(this);
    }
    super.cancel();
  }

  @Override
  String details() {
    return " when=" + when();
  }
}

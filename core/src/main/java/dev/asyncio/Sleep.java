package dev.asyncio;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@link Asyncio#sleep}. */
final class Sleep<T extends @Nullable Object> extends Suspension<T> {

  private final Duration delay;
  private final T result;

  Sleep(Duration delay, T result) {
    this.delay = java.util.Objects.requireNonNull(delay, "delay");
    this.result = result;
  }

  @Override
  T run(Task<?> task) {
    if (!delay.isPositive()) {
      task.yieldNow();
      return result;
    }
    AbstractEventLoop loop = task.loop;
    Future<T> wakeUp = loop.createFuture();
    TimerHandle timer =
        loop.callLater(
            delay,
            () -> {
              if (!wakeUp.done()) {
                wakeUp.setResult(result);
              }
            });
    try {
      return wakeUp.await();
    } finally {
      timer.cancel();
    }
  }

  @Override
  public String toString() {
    return "<coroutine sleep(" + delay + ")>";
  }
}

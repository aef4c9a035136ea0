package dev.asyncio;

import dev.asyncio.loop.BaseEventLoop;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A loop of somebody else's, without a network: it sleeps until its time or a wake-up has come. */
class CustomLoop extends BaseEventLoop {
  private final Semaphore wakeUps = new Semaphore(0);
  int polls;
  boolean pollerClosed;

  CustomLoop() {
    this(Clock.system());
  }

  CustomLoop(Clock clock) {
    super(null, clock);
  }

  @Override
  protected void poll(long nanos, Consumer<? super Handle> ready) {
    polls++;
    if (nanos > 0) {
      try {
        if (wakeUps.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
          wakeUps.drainPermits();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  protected void wakeUp() {
    wakeUps.release();
  }

  @Override
  protected void closePoller() {
    pollerClosed = true;
  }
}

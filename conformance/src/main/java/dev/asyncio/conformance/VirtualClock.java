package dev.asyncio.conformance;

import dev.asyncio.Clock;

/** A clock that starts at 0 and moves only when the loop has nothing left to do at that time. */
final class VirtualClock implements Clock {

  private long now;

  @Override
  public long nanoTime() {
    return now;
  }

  /** Moves time forward to the next timer, or ends the case where there is none. */
  @Override
  public long idle(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      throw new Deadlock();
    }
    now += Math.max(0, nanos);
    return 0;
  }
}

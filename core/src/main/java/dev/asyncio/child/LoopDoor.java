package dev.asyncio.child;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Context;

/**
 * The way from other threads to a loop, for events of its children. It is shut once the loop is
 * closed.
 */
final class LoopDoor {
  private final AbstractEventLoop loop;
  private final Context context = Context.copyContext();

  LoopDoor(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /** Has {@code callback} run on the loop; false if there is none any more. Any thread. */
  boolean post(Runnable callback) {
    if (loop.isClosed()) {
      return false;
    }
    try {
      loop.callSoonThreadsafe(callback, context);
      return true;
    } catch (IllegalStateException closedMeanwhile) {
      return false;
    }
  }
}

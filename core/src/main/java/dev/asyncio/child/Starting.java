package dev.asyncio.child;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.CancelledError;
import dev.asyncio.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A child that is being started in the default executor: the system takes half a millisecond or
 * more to load a program, and the loop goes on meanwhile.
 *
 * <p>Such a call cannot be taken back, so a cancellation waits until there is a child to end. If
 * the loop does not wait for it, since it closes, the child is ended where it was started.
 */
final class Starting {
  private final AbstractEventLoop loop;
  private final Future<Child> started;

  /** The child while it belongs to nobody. */
  private final AtomicReference<@Nullable Child> unclaimed = new AtomicReference<>();

  private volatile boolean dropped;
  private @Nullable CancelledError cancelled;

  Starting(AbstractEventLoop loop, Launcher launcher, Command command) {
    this.loop = loop;
    var door = new LoopDoor(loop);
    this.started = loop.runInExecutor(null, () -> start(launcher, command, door));
  }

  private Child start(Launcher launcher, Command command, LoopDoor door) throws Exception {
    Child child = launcher.start(command, door);
    unclaimed.set(child);
    if (dropped) {
      endUnclaimed();
    }
    return child;
  }

  /** Suspends until it is started. */
  Child await() {
    try {
      while (!started.done()) {
        awaitOnce();
      }
    } catch (Throwable e) { // the loop closes
      dropped = true;
      endUnclaimed();
      throw e;
    }
    unclaimed.set(null);
    if (started.exception() != null) {
      throwIfCancelled();
    }
    return started.result();
  }

  private void awaitOnce() {
    Future<@Nullable Void> settled = loop.createFuture();
    started.addDoneCallback(_ -> {
      if (!settled.done()) {
        settled.setResult(null);
      }
    });
    try {
      settled.await();
    } catch (CancelledError e) {
      cancelled = e;
    }
  }

  /** Lets the cancellation go on that came meanwhile. */
  void throwIfCancelled() {
    if (cancelled != null) {
      throw cancelled;
    }
  }

  private void endUnclaimed() {
    Child child = unclaimed.getAndSet(null);
    if (child != null) {
      child.end();
    }
  }
}

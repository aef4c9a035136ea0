package dev.asyncio.stream;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.Unclosed;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.WriteTransport;
import java.lang.ref.WeakReference;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The half of a protocol that lets tasks wait: until writing may go on, and until the connection is
 * gone. A {@link StreamWriter} needs one.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * asyncio.streams.FlowControlMixin}.
 */
public class FlowControlProtocol implements BaseProtocol {
  private boolean paused;
  private boolean lost;
  private @Nullable Throwable lostWith;
  // Both null until somebody waits: most connections never need them.
  private @Nullable List<Future<@Nullable Void>> drainWaiters;
  private @Nullable List<Future<@Nullable Void>> closeWaiters;

  private @Nullable Unclosed writer; // kept as long as there is something to close

  /** A protocol whose connection is open and takes data. */
  public FlowControlProtocol() {}

  @Override
  public void pauseWriting() {
    paused = true;
  }

  @Override
  public void resumeWriting() {
    paused = false;
    wake(drainWaiters, null);
  }

  /**
   * Closes the transport when its user has become garbage.
   *
   * @param user the writer, or the reader that keeps it and is kept by it
   */
  final void watchOver(Object user, WriteTransport transport) {
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    if (loop != null) {
      writer = Unclosed.watchUser(loop, user, transport);
      watchedBy(writer);
    }
  }

  /** The user is watched over, by a reference that is cleared when the connection is lost. */
  void watchedBy(WeakReference<?> watch) {}

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    lost = true;
    if (writer != null) {
      writer.closed();
      writer = null;
    }
    lostWith = exc;
    wake(closeWaiters, exc);
    wake(drainWaiters, exc);
  }

  /**
   * Waits while writing is paused; any number of tasks may. All go on together.
   *
   * <p><b>Errors:</b> {@link SocketException} if the connection is gone; what it was lost with if
   * it is lost meanwhile.
   */
  final void drainNow(Object transport) throws SocketException {
    if (lost) {
      SocketException gone =
          new SocketException(
              "Connection lost: " + transport + "; stop writing, or connect again to go on");
      if (lostWith != null) {
        gone.initCause(lostWith);
      }
      throw gone;
    }
    if (paused) {
      if (drainWaiters == null) {
        drainWaiters = new ArrayList<>(1);
      }
      waitIn(drainWaiters);
    }
  }

  /** Waits until the connection is gone; throws what it was lost with. */
  final void waitClosedNow() {
    if (!lost) {
      if (closeWaiters == null) {
        closeWaiters = new ArrayList<>(1);
      }
      waitIn(closeWaiters);
    } else if (lostWith != null) {
      throw Broken.unchecked(lostWith);
    }
  }

  private static void waitIn(List<Future<@Nullable Void>> waiters) {
    Future<@Nullable Void> waiter = AbstractEventLoop.running().createFuture();
    waiters.add(waiter);
    try {
      waiter.await();
    } finally {
      waiters.remove(waiter);
    }
  }

  private static void wake(
      @Nullable List<Future<@Nullable Void>> waiters, @Nullable Throwable exc) {
    if (waiters == null) {
      return;
    }
    for (Future<@Nullable Void> waiter : waiters) {
      if (!waiter.done()) {
        if (exc == null) {
          waiter.setResult(null);
        } else {
          waiter.setException(exc);
        }
      }
    }
  }

  /** Lets the loop deliver what it knows, so that a loop of writes notices a lost connection. */
  static void yieldOnce() {
    Coroutine.yieldNow().await();
  }
}

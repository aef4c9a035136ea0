package dev.asyncio.loop;

import dev.asyncio.Handle;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sleeps by parking until there is a first channel to watch, and is a {@link SelectorPoller} from
 * then on. A program without I/O so gets by without a selector: that costs three descriptors, and
 * the first one of a JVM 10 ms.
 *
 * <p>A wake-up may meet the change from the one to the other. Each side writes, then reads what the
 * other wrote, so at least one of them notices:
 *
 * <pre>
 *   waker: woken = true;         then read selector         there is one: wake it, else unpark
 *   loop:  selector = a new one; then read woken            it is true: wake the selector
 * </pre>
 */
final class ParkingPoller implements Poller {

  private final Function<Runnable, Handle> handles;
  private final boolean mayWaitInSystemCall;
  private volatile boolean woken;
  private volatile @Nullable SelectorPoller selector;
  private volatile @Nullable Thread sleeper;

  /**
   * @param handles makes a handle of a callback
   * @param mayWaitInSystemCall whether the loop's thread may, which a virtual thread may not
   */
  ParkingPoller(Function<Runnable, Handle> handles, boolean mayWaitInSystemCall) {
    this.handles = handles;
    this.mayWaitInSystemCall = mayWaitInSystemCall;
  }

  @Override
  public void poll(long nanos, Consumer<? super Handle> ready) throws IOException {
    SelectorPoller there = selector;
    if (there != null) {
      there.poll(nanos, ready);
    } else if (nanos != 0) {
      park(nanos);
    }
  }

  @Override
  public int eventsATurn() {
    SelectorPoller there = selector;
    return there == null ? Batch.LEAST : there.eventsATurn();
  }

  /**
   * As coarse as the selector: timers that are close share a wake-up. May return early, which is
   * like a wake-up.
   */
  private void park(long nanos) {
    sleeper = Thread.currentThread();
    if (!woken) {
      if (nanos == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, SelectorPoller.millis(nanos) * SelectorPoller.NANOS_A_MILLI);
      }
    }
    woken = false;
  }

  @Override
  public void wakeUp() {
    woken = true;
    SelectorPoller there = selector;
    if (there != null) {
      there.wakeUp();
    } else {
      LockSupport.unpark(sleeper);
    }
  }

  private SelectorPoller selector() throws IOException {
    SelectorPoller there = selector;
    if (there == null) {
      there = new SelectorPoller(handles, mayWaitInSystemCall);
      selector = there;
      if (woken) {
        there.wakeUp();
      }
    }
    return there;
  }

  @Override
  public Registration register(SelectableChannel channel, Handle onReadable) throws IOException {
    return selector().register(channel, onReadable);
  }

  @Override
  public boolean isRegistered(SelectableChannel channel) {
    Objects.requireNonNull(channel);
    SelectorPoller there = selector;
    return there != null && there.isRegistered(channel);
  }

  @Override
  public @Nullable Handle reader(SelectableChannel channel, @Nullable Handle handle)
      throws IOException {
    return handle == null && selector == null ? null : selector().reader(channel, handle);
  }

  @Override
  public @Nullable Handle writer(SelectableChannel channel, @Nullable Handle handle)
      throws IOException {
    return handle == null && selector == null ? null : selector().writer(channel, handle);
  }

  @Override
  public void close() throws IOException {
    SelectorPoller there = selector;
    if (there != null) {
      there.close();
    }
  }
}

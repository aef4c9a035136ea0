package dev.asyncio.loop;

import dev.asyncio.Handle;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The JDK's selector. */
final class SelectorPoller implements Poller {

  static final long NANOS_A_MILLI = 1_000_000;

  private final Selector selector;
  private final Consumer<SelectionKey> dispatch = this::dispatch; // bound once
  private @Nullable Consumer<? super Handle> ready;

  /** Whether a channel has ever been registered. */
  private boolean watching;

  /** Whose connect has ended: a channel may be watched for that or for writing, not for both. */
  private final List<OwnWatch> connected = new ArrayList<>();

  SelectorPoller() throws IOException {
    selector = Selector.open();
  }

  @Override
  public void poll(long nanos, Consumer<? super Handle> out) throws IOException {
    ready = out;
    if (!connected.isEmpty()) {
      connected.forEach(OwnWatch::refresh);
      connected.clear();
    }
    if (nanos == 0) {
      if (watching) { // else it would be a system call for nothing
        selector.selectNow(dispatch);
      }
    } else if (nanos == Long.MAX_VALUE) {
      selector.select(dispatch);
    } else {
      selector.select(dispatch, millis(nanos));
    }
  }

  /** Rounded up: early would spin. */
  static long millis(long nanos) {
    return (nanos + NANOS_A_MILLI - 1) / NANOS_A_MILLI;
  }

  private void dispatch(SelectionKey key) {
    if (key.attachment() instanceof Watch watch) {
      watch.readyFor(key.readyOps(), Objects.requireNonNull(ready));
    } else if (key.attachment() instanceof OwnWatch watch) {
      watch.readyFor(key.readyOps(), Objects.requireNonNull(ready));
      if (key.isConnectable()) {
        connected.add(watch);
      }
    }
  }

  @Override
  public void wakeUp() {
    selector.wakeup();
  }

  // ---- channels of transports and servers

  @Override
  public Registration register(
      SelectableChannel channel,
      Handle onReadable,
      Runnable onWritable,
      Function<Runnable, Handle> handles)
      throws IOException {
    SelectionKey key = keyOf(channel);
    if (key.attachment() != null) {
      throw new IllegalStateException(channel + " is watched already; end that before");
    }
    var watch = new Watch(key, onReadable, onWritable, handles);
    key.attach(watch);
    return watch;
  }

  @Override
  public boolean isRegistered(SelectableChannel channel) {
    SelectionKey key = channel.keyFor(selector);
    return key != null && key.attachment() != null && !(key.attachment() instanceof OwnWatch);
  }

  private SelectionKey keyOf(SelectableChannel channel) throws IOException {
    watching = true;
    SelectionKey key = channel.keyFor(selector);
    return key != null ? key : channel.register(selector, 0);
  }

  /** A channel's key. It outlives its registration, so that the channel can be watched again. */
  private static final class Watch implements Registration {
    private final SelectionKey key;
    private final Handle onReadable;
    private final Function<Runnable, Handle> handles;
    private Runnable onWritable; // a handle from the first interest in writing on

    /** Attached in place of this while there is no interest, so that the owner is not held. */
    private @Nullable WeakReference<Watch> idle;

    Watch(
        SelectionKey key,
        Handle onReadable,
        Runnable onWritable,
        Function<Runnable, Handle> handles) {
      this.key = key;
      this.onReadable = onReadable;
      this.onWritable = onWritable;
      this.handles = handles;
    }

    void readyFor(int operations, Consumer<? super Handle> out) {
      if (Interest.READING.in(operations)) {
        out.accept(onReadable);
      }
      if (Interest.WRITING.in(operations) && onWritable instanceof Handle handle) {
        out.accept(handle);
      }
    }

    @Override
    public void reading(boolean on) {
      set(Interest.READING, on);
    }

    @Override
    public void writing(boolean on) {
      if (on && !(onWritable instanceof Handle)) {
        onWritable = handles.apply(onWritable);
      }
      set(Interest.WRITING, on);
    }

    private void set(Interest interest, boolean on) {
      if (!isAttached() || !key.isValid()) {
        return; // closed, or the channel is
      }
      if (interest.set(key, on)) {
        key.attach(this);
      } else {
        if (idle == null) {
          idle = new WeakReference<>(this);
        }
        key.attach(idle);
      }
    }

    private boolean isAttached() {
      Object attached = key.attachment();
      return attached == this || (attached != null && attached == idle);
    }

    @Override
    public void close() {
      if (isAttached()) {
        key.attach(null);
        if (key.isValid()) {
          key.interestOps(0);
        }
      }
    }

    @Override
    public void end() {
      if (isAttached()) {
        key.attach(null);
        key.cancel();
      }
    }
  }

  // ---- channels of the program's own

  @Override
  public @Nullable Handle reader(SelectableChannel channel, @Nullable Handle handle)
      throws IOException {
    OwnWatch watch = own(channel, handle != null);
    return watch == null ? null : forgetIfUnused(channel, watch, watch.reader(handle));
  }

  @Override
  public @Nullable Handle writer(SelectableChannel channel, @Nullable Handle handle)
      throws IOException {
    OwnWatch watch = own(channel, handle != null);
    return watch == null ? null : forgetIfUnused(channel, watch, watch.writer(handle));
  }

  private @Nullable OwnWatch own(SelectableChannel channel, boolean make) throws IOException {
    SelectionKey key = make ? keyOf(channel) : channel.keyFor(selector);
    if (key == null) {
      return null;
    }
    if (key.attachment() == null && make) {
      key.attach(new OwnWatch(key));
    }
    if (key.attachment() == null || key.attachment() instanceof OwnWatch) {
      return (OwnWatch) key.attachment();
    }
    throw new IllegalStateException(channel + " is watched by a transport");
  }

  private @Nullable Handle forgetIfUnused(
      SelectableChannel channel, OwnWatch watch, @Nullable Handle before) {
    SelectionKey key = channel.keyFor(selector);
    if (key != null && !watch.isUsed()) {
      key.attach(null); // so that a transport may take the channel over
    }
    return before;
  }

  // ---- the end

  @Override
  public void close() throws IOException {
    // What is still watched belongs to transports and servers, which can do nothing without a loop.
    for (SelectionKey key : List.copyOf(selector.keys())) {
      if (key.attachment() != null && !(key.attachment() instanceof OwnWatch)) {
        key.channel().close();
      }
    }
    selector.close();
  }
}

package dev.asyncio.loop;

import dev.asyncio.Handle;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Watches channels through a {@link Multiplexer}, and changes over to a better one on the way. */
final class SelectorPoller implements Poller {

  static final long NANOS_A_MILLI = 1_000_000;

  private final Function<Runnable, Handle> handles;
  private volatile Multiplexer multiplexer; // written by the loop, read by who wakes it
  private final Consumer<SelectionKey> dispatch = this::dispatch; // bound once
  private @Nullable Consumer<? super Handle> ready;

  private boolean mayImprove; // until it did
  private int events; // so far; of no account any more when it did

  private final Batch batch = new Batch();

  /** Whether a channel has ever been registered. */
  private boolean watching;

  /** Whose connect has ended: a channel may be watched for that or for writing, not for both. */
  private final List<OwnWatch> connected = new ArrayList<>();

  /**
   * @param handles makes a handle of a callback
   * @param mayWaitInSystemCall whether the loop's thread may
   */
  SelectorPoller(Function<Runnable, Handle> handles, boolean mayWaitInSystemCall)
      throws IOException {
    this.handles = handles;
    multiplexer = Multiplexing.first(mayWaitInSystemCall);
    mayImprove = Multiplexing.mayImprove(mayWaitInSystemCall);
  }

  @Override
  public void poll(long nanos, Consumer<? super Handle> out) throws IOException {
    ready = out;
    if (!connected.isEmpty()) {
      connected.forEach(OwnWatch::refresh);
      connected.clear();
    }
    boolean improved = mayImprove && events >= Multiplexing.EVENTS_BEFORE_EPOLL && improve();
    if (nanos != 0 || watching) { // else it would be a system call for nothing
      multiplexer.select(improved ? 0 : nanos, dispatch); // a wake-up may have met the old one
    }
  }

  @Override
  public int eventsATurn() {
    return batch.size();
  }

  /** Rounded up: early would spin. */
  static long millis(long nanos) {
    return (nanos + NANOS_A_MILLI - 1) / NANOS_A_MILLI;
  }

  /** Returns whether it did; not as long as the better one is being prepared. */
  private boolean improve() throws IOException {
    Multiplexer better;
    try {
      better = Multiplexing.better();
    } catch (IOException e) { // goes on as it is
      Log.ASYNCIO.log(System.Logger.Level.DEBUG, "Using selector: the JDK's", e);
      mayImprove = false;
      return false;
    }
    if (better == null) {
      return false;
    }
    Log.ASYNCIO.log(System.Logger.Level.DEBUG, "Using selector: epoll");
    mayImprove = false;
    moveTo(better);
    return true;
  }

  /** What it has now. */
  Multiplexer multiplexer() {
    return multiplexer;
  }

  /** Has all channels watched by another multiplexer from now on. */
  void moveTo(Multiplexer next) throws IOException {
    Multiplexer before = multiplexer;
    for (SelectionKey key : before.keys()) {
      if (key.isValid() && key.attachment() != null) {
        move(key, next.keyOf(key.channel()));
      }
    }
    multiplexer = next;
    before.close();
  }

  private static void move(SelectionKey from, SelectionKey to) {
    Object attachment = from.attachment();
    to.attach(attachment);
    to.interestOps(from.interestOps());
    switch (attachment) {
      case Watch watch -> watch.key = to;
      case OwnWatch watch -> watch.key(to);
      case WeakReference<?> idle when idle.get() instanceof Watch watch -> watch.key = to;
      default -> {} // its owner is garbage
    }
  }

  private void dispatch(SelectionKey key) {
    events++;
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
    multiplexer.wakeUp();
  }

  // ---- channels of transports and servers

  @Override
  public Registration register(SelectableChannel channel, Handle onReadable) throws IOException {
    SelectionKey key = keyOf(channel);
    if (key.attachment() != null) {
      throw new IllegalStateException(channel + " is watched already; end that before");
    }
    var watch = new Watch(key, onReadable);
    key.attach(watch);
    return watch;
  }

  @Override
  public boolean isRegistered(SelectableChannel channel) {
    SelectionKey key = multiplexer.keyFor(channel);
    return key != null && key.attachment() != null && !(key.attachment() instanceof OwnWatch);
  }

  private SelectionKey keyOf(SelectableChannel channel) throws IOException {
    watching = true;
    return multiplexer.keyOf(channel);
  }

  /** A channel's key. It outlives its registration, so that the channel can be watched again. */
  private final class Watch implements Registration {
    private SelectionKey key;
    private final Handle onReadable;
    private @Nullable Handle onWritable; // from the first interest in writing on

    /** Attached in place of this while there is no interest, so that the owner is not held. */
    private @Nullable WeakReference<Watch> idle;

    Watch(SelectionKey key, Handle onReadable) {
      this.key = key;
      this.onReadable = onReadable;
    }

    void readyFor(int operations, Consumer<? super Handle> out) {
      if (Interest.READING.in(operations)) {
        out.accept(onReadable);
      }
      if (onWritable != null && Interest.WRITING.in(operations)) {
        out.accept(onWritable);
      }
    }

    @Override
    public void reading(boolean on) {
      set(Interest.READING, on);
    }

    @Override
    public void writing(@Nullable Runnable callback) {
      if (onWritable == null && callback != null) {
        onWritable = handles.apply(callback);
      }
      set(Interest.WRITING, callback != null);
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
        multiplexer.release(key);
      }
    }

    @Override
    public void end() {
      if (isAttached()) {
        key.attach(null);
        multiplexer.end(key);
      }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      int count = multiplexer.read(key, into);
      batch.received(count);
      return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      return multiplexer.write(key, from);
    }

    @Override
    public boolean takesHeap() {
      return multiplexer.takesHeap();
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
    SelectionKey key = make ? keyOf(channel) : multiplexer.keyFor(channel);
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
    SelectionKey key = multiplexer.keyFor(channel);
    if (key != null && !watch.isUsed()) {
      key.attach(null); // so that a transport may take the channel over
    }
    return before;
  }

  // ---- the end

  @Override
  public void close() throws IOException {
    // What is still watched belongs to transports and servers, which can do nothing without a loop.
    for (SelectionKey key : multiplexer.keys()) {
      if (key.attachment() != null && !(key.attachment() instanceof OwnWatch)) {
        key.channel().close();
      }
    }
    multiplexer.close();
  }
}

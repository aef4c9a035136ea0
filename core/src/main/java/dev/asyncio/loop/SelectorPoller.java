package dev.asyncio.loop;

import dev.asyncio.Handle;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The JDK's selector. */
final class SelectorPoller implements Poller {

  private static final int READING = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
  private static final int WRITING = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
  private static final long NANOS_A_MILLI = 1_000_000;

  private final Selector selector;
  private final Consumer<SelectionKey> dispatch = this::dispatch; // bound once
  private @Nullable Consumer<? super Handle> ready;

  /** Whether a channel has ever been registered. */
  private boolean watching;

  SelectorPoller() throws IOException {
    selector = Selector.open();
  }

  @Override
  public void poll(long nanos, Consumer<? super Handle> out) throws IOException {
    ready = out;
    if (nanos == 0) {
      if (watching) { // else it would be a system call for nothing
        selector.selectNow(dispatch);
      }
    } else if (nanos == Long.MAX_VALUE) {
      selector.select(dispatch);
    } else {
      selector.select(dispatch, (nanos + NANOS_A_MILLI - 1) / NANOS_A_MILLI); // early would spin
    }
  }

  private void dispatch(SelectionKey key) {
    if (key.attachment() instanceof Watch watch) {
      watch.readyFor(key.readyOps(), Objects.requireNonNull(ready));
    }
  }

  @Override
  public void wakeUp() {
    selector.wakeup();
  }

  @Override
  public Registration register(SelectableChannel channel, Handle onReadable, Handle onWritable)
      throws IOException {
    watching = true;
    SelectionKey key = channel.keyFor(selector);
    if (key == null) {
      key = channel.register(selector, 0);
    } else if (key.attachment() != null) {
      throw new IllegalStateException(channel + " is watched already; close that registration");
    }
    var watch = new Watch(key, onReadable, onWritable);
    key.attach(watch);
    return watch;
  }

  @Override
  public void close() throws IOException {
    // What is still watched belongs to transports and servers, which can do nothing without a loop.
    for (SelectionKey key : List.copyOf(selector.keys())) {
      if (key.attachment() != null) {
        key.channel().close();
      }
    }
    selector.close();
  }

  /** A channel's key. It outlives its registration, so that the channel can be watched again. */
  private record Watch(SelectionKey key, Handle onReadable, Handle onWritable)
      implements Registration {

    void readyFor(int operations, Consumer<? super Handle> out) {
      if ((operations & READING) != 0) {
        out.accept(onReadable);
      }
      if ((operations & WRITING) != 0) {
        out.accept(onWritable);
      }
    }

    @Override
    public void reading(boolean on) {
      set(READING, on);
    }

    @Override
    public void writing(boolean on) {
      // A pending connect and a full buffer are the same event to the system, not to the JDK.
      set(WRITING, on);
    }

    private void set(int operations, boolean on) {
      if (key.attachment() != this || !key.isValid()) {
        return; // closed, or the channel is
      }
      int possible = operations & key.channel().validOps();
      if (possible == WRITING) {
        possible = connected(key.channel()) ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT;
      }
      int before = key.interestOps();
      int after = on ? before | possible : before & ~operations;
      if (after != before) {
        key.interestOps(after);
      }
    }

    private static boolean connected(SelectableChannel channel) {
      return !(channel instanceof java.nio.channels.SocketChannel socket)
          || !socket.isConnectionPending();
    }

    @Override
    public void close() {
      if (key.attachment() == this) {
        key.attach(null);
        if (key.isValid()) {
          key.interestOps(0);
        }
      }
    }
  }
}

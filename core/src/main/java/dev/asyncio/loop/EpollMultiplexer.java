package dev.asyncio.loop;

import dev.asyncio.linux.ChannelDescriptor;
import dev.asyncio.linux.Epoll;
import dev.asyncio.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Epoll by system calls of our own, for the channels of the JDK. Against the JDK's selector it
 * spares the objects that stand between an event and its callback, and the copies of arrays; see
 * ADR 7.
 *
 * <p>The system forgets a descriptor when it is closed, and gives its number to the next one. So a
 * number means the channel that was registered last with it, and whatever is about one that was
 * closed is passed over.
 */
final class EpollMultiplexer implements Multiplexer {
  private final Epoll epoll = new Epoll();
  private final MemorySegment state = Libc.state(Arena.ofAuto());
  private @Nullable EpollKey[] keys = new @Nullable EpollKey[64]; // by descriptor
  private final List<EpollKey> changed = new ArrayList<>(); // what the system has to be told of

  EpollMultiplexer() throws IOException {}

  /** Loads what one needs, by using it: that takes a tenth of a second in a cold JVM. */
  static void rehearse() throws IOException {
    var trial = new EpollMultiplexer();
    try {
      Pipe pipe = Pipe.open();
      try (var source = pipe.source();
          var sink = pipe.sink()) {
        source.configureBlocking(false);
        sink.configureBlocking(false);
        for (ByteBuffer buffer : List.of(ByteBuffer.allocate(1), ByteBuffer.allocateDirect(1))) {
          int _ = trial.write(trial.keyOf(sink), buffer);
          trial.keyOf(source).interestOps(SelectionKey.OP_READ);
          trial.select(0, key -> {});
          int _ = trial.read(trial.keyOf(source), buffer.clear());
        }
      }
    } finally {
      trial.close();
    }
  }

  @Override
  public SelectionKey keyOf(SelectableChannel channel) throws IOException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    if (channel.isBlocking()) {
      throw new IllegalBlockingModeException();
    }
    int descriptor = ChannelDescriptor.of(channel);
    if (descriptor >= keys.length) {
      keys = Arrays.copyOf(keys, Math.max(descriptor + 1, 2 * keys.length));
    }
    EpollKey key = keys[descriptor];
    if (key == null || key.channel != channel) {
      key = new EpollKey(this, channel, descriptor);
      keys[descriptor] = key;
    }
    return key;
  }

  @Override
  public @Nullable EpollKey keyFor(SelectableChannel channel) {
    int descriptor = ChannelDescriptor.of(channel);
    EpollKey key = descriptor < 0 || descriptor >= keys.length ? null : keys[descriptor];
    return key != null && key.channel == channel ? key : null;
  }

  @Override
  public Iterable<SelectionKey> keys() {
    List<SelectionKey> all = new ArrayList<>();
    for (EpollKey key : keys) {
      if (key != null && key.isValid()) {
        all.add(key);
      }
    }
    return all;
  }

  @Override
  public void release(SelectionKey key) {
    key.interestOps(0);
  }

  @Override
  public void end(SelectionKey key) {
    forget((EpollKey) key);
  }

  private void forget(EpollKey key) {
    if (knows(key)) {
      keys[key.descriptor] = null;
    }
  }

  boolean knows(EpollKey key) {
    return keys[key.descriptor] == key;
  }

  void changed(EpollKey key) {
    if (!key.changed) {
      key.changed = true;
      changed.add(key);
    }
  }

  @Override
  public void select(long nanos, Consumer<SelectionKey> ready) throws IOException {
    tellChanges();
    int count = epoll.await(millis(nanos));
    for (int i = 0; i < count; i++) {
      int descriptor = epoll.descriptor(i);
      EpollKey key = descriptor < keys.length ? keys[descriptor] : null;
      if (key != null) {
        key.ready(epoll.kinds(i));
        ready.accept(key);
      }
    }
  }

  private static int millis(long nanos) {
    return nanos == Long.MAX_VALUE
        ? -1
        : (int) Math.min(SelectorPoller.millis(nanos), Integer.MAX_VALUE);
  }

  private void tellChanges() throws IOException {
    for (int i = 0; i < changed.size(); i++) {
      EpollKey key = changed.get(i);
      key.changed = false;
      if (knows(key)) {
        tell(key);
      }
    }
    changed.clear();
  }

  private void tell(EpollKey key) throws IOException {
    byte kinds = key.kinds();
    if (!key.channel.isOpen()) {
      forget(key);
    } else if (kinds == 0) {
      if (key.watched != 0) {
        epoll.forget(key.descriptor);
      }
      if (key.attachment() == null) {
        forget(key);
      }
    } else if (kinds != key.watched) {
      epoll.watch(key.descriptor, kinds, key.watched == 0);
    }
    key.watched = kinds;
  }

  @Override
  public void wakeUp() {
    epoll.wakeUp();
  }

  @Override
  public int read(SelectionKey key, ByteBuffer into) throws IOException {
    int count = Libc.read(state, descriptor(key), into);
    if (count == 0) {
      return into.hasRemaining() ? -1 : 0;
    }
    if (count == -Libc.ECONNRESET) {
      throw new SocketException("Connection reset");
    }
    return transferred(count);
  }

  @Override
  public int write(SelectionKey key, ByteBuffer from) throws IOException {
    return transferred(Libc.write(state, descriptor(key), from));
  }

  private static int descriptor(SelectionKey key) throws ClosedChannelException {
    var watched = (EpollKey) key;
    if (!watched.channel.isOpen()) {
      throw new ClosedChannelException();
    }
    return watched.descriptor;
  }

  private static int transferred(int count) throws IOException {
    if (count >= 0) {
      return count;
    }
    if (count == -Libc.EAGAIN) {
      return 0;
    }
    throw new IOException(Libc.words(-count));
  }

  @Override
  public boolean takesHeap() {
    return true;
  }

  @Override
  public void close() {
    epoll.close();
  }
}

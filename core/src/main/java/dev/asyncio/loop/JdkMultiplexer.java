package dev.asyncio.loop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The JDK's selector. */
final class JdkMultiplexer implements Multiplexer {
  private final Selector selector;

  JdkMultiplexer() throws IOException {
    selector = Selector.open();
  }

  @Override
  public SelectionKey keyOf(SelectableChannel channel) throws IOException {
    SelectionKey key = keyFor(channel);
    return key != null ? key : channel.register(selector, 0);
  }

  @Override
  public @Nullable SelectionKey keyFor(SelectableChannel channel) {
    return channel.keyFor(selector);
  }

  @Override
  public Iterable<SelectionKey> keys() {
    return List.copyOf(selector.keys());
  }

  /** The key stays: once cancelled, the channel could not be registered before the next select. */
  @Override
  public void release(SelectionKey key) {
    if (key.isValid()) {
      key.interestOps(0);
    }
  }

  @Override
  public void end(SelectionKey key) {
    key.cancel();
  }

  @Override
  public void select(long nanos, Consumer<SelectionKey> ready) throws IOException {
    if (nanos == 0) {
      selector.selectNow(ready);
    } else if (nanos == Long.MAX_VALUE) {
      selector.select(ready);
    } else {
      selector.select(ready, SelectorPoller.millis(nanos));
    }
  }

  @Override
  public void wakeUp() {
    selector.wakeup();
  }

  @Override
  public int read(SelectionKey key, ByteBuffer into) throws IOException {
    return ((ReadableByteChannel) key.channel()).read(into);
  }

  @Override
  public int write(SelectionKey key, ByteBuffer from) throws IOException {
    return ((WritableByteChannel) key.channel()).write(from);
  }

  @Override
  public boolean takesHeap() {
    return false;
  }

  @Override
  public void close() throws IOException {
    selector.close();
  }
}

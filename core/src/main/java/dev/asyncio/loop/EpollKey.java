package dev.asyncio.loop;

import dev.asyncio.linux.Epoll;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** What is wanted of a channel that {@link EpollMultiplexer} watches. <b>Threads:</b> loop only. */
final class EpollKey extends SelectionKey {
  final SelectableChannel channel;
  final int descriptor;
  private final EpollMultiplexer owner;

  private byte wanted; // in the words of the JDK
  private byte ready;
  byte watched; // what the system knows of, in its own words
  boolean changed; // and the system has not been told

  EpollKey(EpollMultiplexer owner, SelectableChannel channel, int descriptor) {
    this.owner = owner;
    this.channel = channel;
    this.descriptor = descriptor;
  }

  @Override
  public SelectableChannel channel() {
    return channel;
  }

  @Override
  public Selector selector() {
    throw new UnsupportedOperationException("there is no selector behind this key");
  }

  @Override
  public boolean isValid() {
    return channel.isOpen() && owner.knows(this);
  }

  @Override
  public void cancel() {
    owner.end(this);
  }

  @Override
  public int interestOps() {
    return wanted;
  }

  @Override
  public SelectionKey interestOps(int operations) {
    wanted = (byte) operations;
    owner.changed(this);
    return this;
  }

  @Override
  public int readyOps() {
    return ready;
  }

  /** What is wanted, in the words of the system. */
  byte kinds() {
    int kinds = 0;
    if (Interest.READING.in(wanted)) {
      kinds |= Epoll.READABLE;
    }
    if (Interest.WRITING.in(wanted)) {
      kinds |= Epoll.WRITABLE;
    }
    return (byte) kinds;
  }

  /** Takes note of what the system says that can be done. */
  void ready(int kinds) {
    int operations = 0;
    if ((kinds & Epoll.READABLE) != 0) {
      operations |= Interest.READING.operations();
    }
    if ((kinds & Epoll.WRITABLE) != 0) {
      operations |= Interest.WRITING.operations();
    }
    ready = (byte) (operations & wanted);
  }
}

package dev.asyncio.loop;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** The two directions of a channel, in the words of the JDK, which has four. */
enum Interest {
  READING(SelectionKey.OP_READ | SelectionKey.OP_ACCEPT),

  // A pending connect and a full buffer are the same event to the system, not to the JDK.
  WRITING(SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT);

  private final int operations;

  Interest(int operations) {
    this.operations = operations;
  }

  /** What it is for the JDK. */
  int operations() {
    return operations;
  }

  /** Whether it is among operations that a channel is ready for. */
  boolean in(int ready) {
    return (ready & operations) != 0;
  }

  /** Switches it on or off, and says whether any interest is left. */
  boolean set(SelectionKey key, boolean on) {
    int before = key.interestOps();
    int after = (before & ~operations) | (on ? possible(key.channel()) : 0);
    if (after != before) {
      key.interestOps(after);
    }
    return after != 0;
  }

  private int possible(SelectableChannel channel) {
    int possible = operations & channel.validOps();
    if (possible != WRITING.operations) {
      return possible;
    }
    return channel instanceof SocketChannel socket && socket.isConnectionPending()
        ? SelectionKey.OP_CONNECT
        : SelectionKey.OP_WRITE;
  }
}

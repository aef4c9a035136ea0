package dev.asyncio.net;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a server, in the order in which they came: a list through the transports
 * themselves, since an entry of a set is as large as half a transport.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Clients {
  private @Nullable SocketTransport first;
  private @Nullable SocketTransport last;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  void add(SocketTransport client) {
    client.previous = last;
    if (last == null) {
      first = client;
    } else {
      last.next = client;
    }
    last = client;
    size++;
  }

  void remove(SocketTransport client) {
    SocketTransport before = client.previous;
    SocketTransport after = client.next;
    if (before == null && first != client) {
      return; // has been taken out
    }
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    client.previous = null;
    client.next = null;
    size--;
  }

  /** Those that are there now; what is done with them may change who is. */
  List<SocketTransport> snapshot() {
    List<SocketTransport> all = new ArrayList<>(size);
    for (SocketTransport client = first; client != null; client = client.next) {
      all.add(client);
    }
    return all;
  }
}

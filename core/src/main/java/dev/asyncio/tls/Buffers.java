package dev.asyncio.tls;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers that the connections of a loop borrow while they work, so that an idle one holds none.
 * Usually there are two; TLS inside TLS takes more.
 *
 * <p>On the heap: the JDK's ciphers work on arrays.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Buffers {
  /** Room for seven full records. */
  private static final int SIZE = 128 * 1024;

  private static final int MOST_KEPT = 4;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>(MOST_KEPT);

  /** An empty buffer, to be given back. */
  ByteBuffer borrow() {
    ByteBuffer buffer = free.poll();
    return buffer != null ? buffer : ByteBuffer.allocate(SIZE);
  }

  /** Takes a buffer back, or one that had to be made larger. */
  void giveBack(ByteBuffer buffer) {
    if (free.size() < MOST_KEPT) {
      free.push(buffer.clear());
    }
  }
}

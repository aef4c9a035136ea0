package dev.asyncio.tls;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.IntFunction;

/**
 * Buffers that the connections of a loop borrow while they work, so that an idle one holds none.
 * Usually there are two; TLS inside TLS takes more.
 *
 * <p>On the heap for the JDK's engine, whose ciphers work on arrays; direct for those of other
 * providers, which are native and would copy.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Buffers {
  /** Room for seven full records. */
  private static final int SIZE = 128 * 1024;

  private static final int MOST_KEPT = 4;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>(MOST_KEPT);
  private final IntFunction<ByteBuffer> allocate;

  private Buffers(IntFunction<ByteBuffer> allocate) {
    this.allocate = allocate;
  }

  static Buffers onHeap() {
    return new Buffers(ByteBuffer::allocate);
  }

  static Buffers direct() {
    return new Buffers(ByteBuffer::allocateDirect);
  }

  /** An empty buffer, to be given back. */
  ByteBuffer borrow() {
    ByteBuffer buffer = free.poll();
    return buffer != null ? buffer : allocate.apply(SIZE);
  }

  /** A larger one, which is given back as well. */
  ByteBuffer larger(ByteBuffer buffer) {
    return allocate.apply(2 * buffer.capacity());
  }

  /** Takes a buffer back, or one that had to be made larger. */
  void giveBack(ByteBuffer buffer) {
    if (free.size() < MOST_KEPT) {
      free.push(buffer.clear());
    }
  }
}

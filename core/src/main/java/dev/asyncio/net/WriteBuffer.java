package dev.asyncio.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait to be sent, in order, as a queue of heap chunks. Small writes share a chunk, a
 * large one gets its own; nothing is held while the buffer is empty.
 *
 * <p><b>Invariants:</b> the unsent bytes are those of all chunks without the first {@code sent} of
 * the first and without what lies behind {@code filled} in the last; no chunk but the last has
 * room; {@code chunks} is empty exactly when {@code size} is 0.
 */
public final class WriteBuffer {
  private static final int SMALLEST_CHUNK = 4 * 1024;
  private static final int SHARED_CHUNK = 64 * 1024;

  @Nullable Deque<byte[]> chunks; // null until something had to wait
  private int sent;
  private int filled;
  private long size;

  /** An empty one. */
  public WriteBuffer() {}

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** How many bytes wait. */
  public long size() {
    return size;
  }

  /** Copies all that remains in {@code data} behind what is here, and consumes it. */
  public void append(ByteBuffer data) {
    Deque<byte[]> queue = chunks == null ? chunks = new ArrayDeque<>(4) : chunks;
    if (size > 0) {
      byte[] last = queue.getLast();
      int fits = Math.min(data.remaining(), last.length - filled);
      data.get(last, filled, fits);
      filled += fits;
      size += fits;
    }
    int rest = data.remaining();
    if (rest > 0) {
      // Grows with the backlog, so that many small writes cost few chunks.
      int shared = Math.clamp(size, SMALLEST_CHUNK, SHARED_CHUNK);
      byte[] chunk = new byte[Math.max(rest, shared)];
      data.get(chunk, 0, rest);
      queue.addLast(chunk);
      filled = rest;
      size += rest;
    }
  }

  /** Copies from the front as much as there is room for, consuming nothing here. */
  public void copyTo(ByteBuffer target) {
    if (chunks == null) {
      return;
    }
    long left = size;
    int offset = sent;
    for (byte[] chunk : chunks) {
      int count = (int) Math.min(Math.min(chunk.length - offset, left), target.remaining());
      target.put(chunk, offset, count);
      left -= count;
      offset = 0;
      if (!target.hasRemaining()) {
        return;
      }
    }
  }

  /** Drops {@code count} bytes from the front: they were sent. */
  public void consume(int count) {
    assert count <= size : count + " of " + size;
    size -= count;
    if (size == 0) {
      clear();
      return;
    }
    Deque<byte[]> queue = Objects.requireNonNull(chunks);
    sent += count;
    while (sent >= queue.getFirst().length) {
      sent -= queue.removeFirst().length;
    }
  }

  /** Drops everything. */
  public void clear() {
    chunks = null;
    sent = 0;
    filled = 0;
    size = 0;
  }
}

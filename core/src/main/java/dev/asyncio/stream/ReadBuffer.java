package dev.asyncio.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bytes that were received and not read yet. Holds no memory while it is empty, and hands its array
 * over as it is where a read takes exactly what one feed brought, which is the usual case: such
 * bytes are copied once.
 *
 * <p><b>Invariants:</b> the bytes are {@code data[start..end)}; empty means {@code data == NONE}.
 */
final class ReadBuffer {
  static final byte[] NONE = {};

  byte[] data = NONE;
  private int start;
  private int end;

  int size() {
    return end - start;
  }

  boolean isEmpty() {
    return end == start;
  }

  /** Appends all that remains in {@code source}, and consumes it. */
  void append(ByteBuffer source) {
    int count = source.remaining();
    makeRoom(count);
    source.get(data, end, count);
    end += count;
  }

  private void makeRoom(int count) {
    int size = size();
    if (size == 0) {
      data = new byte[count];
      return;
    }
    if (count <= data.length - end) {
      return;
    }
    int needed = Math.addExact(size, count);
    // Moves down only when that frees at least half, so that the cost stays linear.
    byte[] target =
        needed <= data.length && start >= size
            ? data
            : new byte[Math.max(needed, (int) Math.min(2L * size, Integer.MAX_VALUE - 16))];
    System.arraycopy(data, start, target, 0, size);
    data = target;
    start = 0;
    end = size;
  }

  /** Removes the first {@code count} bytes and returns them. */
  byte[] take(int count) {
    if (count == data.length) {
      byte[] whole = data; // exactly full, nothing before it, nothing behind it
      clear();
      return whole;
    }
    byte[] taken = Arrays.copyOfRange(data, start, start + count);
    drop(count);
    return taken;
  }

  /** Removes the first {@code count} bytes and puts them into {@code target}. */
  void moveTo(ByteBuffer target, int count) {
    target.put(data, start, count);
    drop(count);
  }

  void drop(int count) {
    start += count;
    if (start == end) {
      clear();
    }
  }

  private void clear() {
    data = NONE;
    start = 0;
    end = 0;
  }

  /** Returns where {@code pattern} first occurs at or behind {@code from}, or -1. */
  int indexOf(byte[] pattern, int from) {
    byte first = pattern[0];
    int last = end - pattern.length;
    for (int i = start + from; i <= last; i++) {
      if (data[i] == first && matches(pattern, i)) {
        return i - start;
      }
    }
    return -1;
  }

  boolean startsWith(byte[] pattern, int from) {
    return size() - from >= pattern.length && matches(pattern, start + from);
  }

  private boolean matches(byte[] pattern, int at) {
    return pattern.length == 1
        ? data[at] == pattern[0]
        : Arrays.equals(data, at, at + pattern.length, pattern, 0, pattern.length);
  }
}

package dev.asyncio.tls;

import dev.asyncio.transport.ReadTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Records that have come and cannot be decrypted yet: the first part of one, or whatever comes
 * while the program does not read. Holds no memory while it is empty.
 */
final class Held {
  private static final int SMALLEST = 2 * 1024;

  /** How many bytes may wait before the transport below is paused. */
  static final int MOST = 256 * 1024;

  private static final int FEW = MOST / 4;

  private @Nullable ByteBuffer records; // to be read from, never empty
  private boolean paused; // the transport below, by us

  /** What there is, to be taken from its front; null for nothing. */
  @Nullable ByteBuffer peek() {
    return records;
  }

  int size() {
    return records == null ? 0 : records.remaining();
  }

  /** To be called when something was taken. */
  void taken() {
    if (records != null && !records.hasRemaining()) {
      records = null;
    }
  }

  void clear() {
    records = null;
  }

  /** Moves up to {@code most} bytes behind what is here. */
  void append(ByteBuffer source, int most) {
    int count = Math.min(most, source.remaining());
    if (count == 0) {
      return;
    }
    ByteBuffer target = withRoomFor(count);
    int end = target.limit();
    target.limit(end + count).put(end, source, source.position(), count);
    source.position(source.position() + count);
    records = target;
  }

  /** Pauses the transport that brings more when there is much, resumes it when there is little. */
  void control(ReadTransport source) {
    if (!paused && size() >= MOST) {
      paused = true;
      source.pauseReading();
    } else if (paused && size() <= FEW) {
      paused = false;
      source.resumeReading();
    }
  }

  /** The records in a buffer whose limit can be moved up by {@code count}. */
  private ByteBuffer withRoomFor(int count) {
    ByteBuffer now = records;
    int size = size();
    if (now != null && count <= now.capacity() - now.limit()) {
      return now;
    }
    int doubled = (int) Math.min(2L * size, Integer.MAX_VALUE - 16);
    ByteBuffer larger =
        ByteBuffer.allocate(Math.max(Math.addExact(size, count), Math.max(doubled, SMALLEST)));
    if (now != null) {
      larger.put(now);
    }
    return larger.flip();
  }
}

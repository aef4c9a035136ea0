package dev.asyncio.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way to a socket or pipe: it is asked to take them at once, and only what it does
 * not take is copied and kept.
 *
 * <p>Heap data goes through the loop's send buffer, of which a socket takes all in the usual case.
 * Left to the JDK it would go through a buffer of the JDK's that is as large as the data.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Outbox {
  private final IoLoop io;
  private final WritableByteChannel channel;
  private @Nullable WriteBuffer waiting; // null until something has to wait

  Outbox(IoLoop io, WritableByteChannel channel) {
    this.io = io;
    this.channel = channel;
  }

  boolean isEmpty() {
    return waiting == null || waiting.isEmpty();
  }

  long size() {
    return waiting == null ? 0 : waiting.size();
  }

  void clear() {
    waiting = null;
  }

  /** Sends what can be sent, keeps the rest, and consumes all of {@code data}. */
  void send(ByteBuffer data) throws IOException {
    if (isEmpty()) {
      offer(io, channel, data);
    }
    if (data.hasRemaining()) {
      keep(data);
    }
  }

  private void keep(ByteBuffer data) {
    WriteBuffer buffer = waiting;
    if (buffer == null) {
      waiting = buffer = new WriteBuffer();
    }
    buffer.append(data);
  }

  /** Sends of {@code data} what the socket takes at once. */
  static void offer(IoLoop io, WritableByteChannel channel, ByteBuffer data) throws IOException {
    if (data.isDirect()) {
      channel.write(data);
      return;
    }
    ByteBuffer direct = io.sendBuffer();
    int taken;
    do {
      int count = Math.min(data.remaining(), direct.capacity());
      direct.clear().put(0, data, data.position(), count).limit(count);
      taken = channel.write(direct);
      data.position(data.position() + taken);
    } while (taken == direct.capacity() && data.hasRemaining());
  }

  /** As {@link #send}, with as many pieces in one system call as fit in the send buffer. */
  void sendGathered(List<ByteBuffer> pieces) throws IOException {
    ByteBuffer direct = io.sendBuffer().clear();
    for (ByteBuffer piece : pieces) {
      while (isEmpty() && piece.hasRemaining()) {
        int count = Math.min(piece.remaining(), direct.remaining());
        direct.put(direct.position(), piece, piece.position(), count);
        direct.position(direct.position() + count);
        piece.position(piece.position() + count);
        if (!direct.hasRemaining()) {
          send(direct.flip());
          direct.clear();
        }
      }
      if (piece.hasRemaining()) {
        keep(piece);
      }
    }
    send(direct.flip());
  }

  /** Sends from what waits until the socket takes no more, or nothing is left. */
  void flush() throws IOException {
    WriteBuffer buffer = waiting;
    if (buffer == null) {
      return;
    }
    ByteBuffer direct = io.sendBuffer();
    do {
      buffer.copyTo(direct.clear());
      buffer.consume(channel.write(direct.flip()));
    } while (!direct.hasRemaining() && !buffer.isEmpty());
  }
}

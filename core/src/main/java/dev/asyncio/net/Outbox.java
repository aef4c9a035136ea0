package dev.asyncio.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

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
  private final WriteBuffer waiting = new WriteBuffer();

  Outbox(IoLoop io, WritableByteChannel channel) {
    this.io = io;
    this.channel = channel;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  long size() {
    return waiting.size();
  }

  void clear() {
    waiting.clear();
  }

  /** Sends what can be sent, keeps the rest, and consumes all of {@code data}. */
  void send(ByteBuffer data) throws IOException {
    if (waiting.isEmpty()) {
      offer(io, channel, data);
    }
    if (data.hasRemaining()) {
      waiting.append(data);
    }
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
      while (waiting.isEmpty() && piece.hasRemaining()) {
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
        waiting.append(piece);
      }
    }
    send(direct.flip());
  }

  /** Sends from what waits until the socket takes no more, or nothing is left. */
  void flush() throws IOException {
    ByteBuffer direct = io.sendBuffer();
    do {
      waiting.copyTo(direct.clear());
      waiting.consume(channel.write(direct.flip()));
    } while (!direct.hasRemaining() && !waiting.isEmpty());
  }
}

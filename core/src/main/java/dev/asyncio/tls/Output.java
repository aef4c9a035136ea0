package dev.asyncio.tls;

import dev.asyncio.net.WriteBuffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLException;

/**
 * The bytes that a program sends: encrypted at once while the transport below takes records, kept
 * as they are while it is full.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Output {
  private final Codec codec;
  private final Program program;
  private final Buffers buffers;
  private final WriteBuffer waiting = new WriteBuffer();
  private final BooleanSupplier willing = this::isWilling; // bound once
  private boolean full; // so the transport below says

  Output(Codec codec, Program program, Buffers buffers) {
    this.codec = codec;
    this.program = program;
    this.buffers = buffers;
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

  void full(boolean full) {
    this.full = full;
  }

  private boolean isWilling() {
    return !full;
  }

  /**
   * Sends or keeps all of {@code data}.
   *
   * @param open whether the handshake is done
   */
  void write(ByteBuffer data, boolean open) throws SSLException {
    if (open && waiting.isEmpty() && !full && !codec.inEngine()) {
      codec.begin();
      try {
        codec.encrypt(data, willing);
      } finally {
        codec.end();
      }
    }
    if (data.hasRemaining()) {
      waiting.append(data);
      program.waiting(waiting.size());
    }
  }

  /** As {@link #write}, with small pieces put together, since each record costs. */
  void writeLines(List<ByteBuffer> pieces, boolean open) throws SSLException {
    ByteBuffer gathered = buffers.borrow();
    codec.begin();
    try {
      for (ByteBuffer piece : pieces) {
        if (piece.remaining() > gathered.remaining()) {
          write(gathered.flip(), open);
          gathered.clear();
        }
        if (piece.remaining() > gathered.remaining()) {
          write(piece, open);
        } else {
          gathered.put(piece);
        }
      }
      write(gathered.flip(), open);
    } finally {
      codec.end();
      buffers.giveBack(gathered);
    }
  }

  /** Sends what is kept, as far as the transport below takes it. */
  void flush() throws SSLException {
    if (waiting.isEmpty() || full) {
      return;
    }
    ByteBuffer bytes = buffers.borrow();
    try {
      while (!full && !waiting.isEmpty()) {
        waiting.copyTo(bytes.clear());
        int count = bytes.flip().remaining();
        codec.encrypt(bytes, willing);
        waiting.consume(count - bytes.remaining());
      }
    } finally {
      buffers.giveBack(bytes);
    }
    program.waiting(waiting.size());
  }
}

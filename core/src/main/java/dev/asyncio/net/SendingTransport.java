package dev.asyncio.net;

import dev.asyncio.transport.WriteBufferLimits;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a transport over a stream of bytes: it asks the channel first and buffers
 * only what that does not take. When the protocol may write is the subclass's business.
 *
 * <p><b>Threads:</b> loop only.
 */
abstract class SendingTransport extends ChannelTransport implements WriteTransport {
  private @Nullable WriteBuffer waiting; // null until something had to wait
  private @Nullable FlowControl flow; // null until something had to wait

  /** Takes the channel over; where this throws it is still the caller's. */
  <C extends SelectableChannel & WritableByteChannel> SendingTransport(IoLoop io, C channel)
      throws IOException {
    super(io, channel);
  }

  /** The kind of transport, for messages. */
  abstract String kind();

  /** Sends what can be sent now, keeps a copy of the rest, and consumes {@code data}. */
  final void send(ByteBuffer data) {
    try {
      offer(data);
    } catch (Throwable exc) {
      drop(data);
      fatal(exc, "Fatal write error on " + kind());
      return;
    }
    sendRestWhenWritable();
  }

  /** The same with several pieces, in few system calls. */
  final void send(List<ByteBuffer> pieces) {
    try {
      offerGathered(pieces);
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on " + kind());
      return;
    }
    sendRestWhenWritable();
  }

  private void sendRestWhenWritable() {
    if (hasDataToSend()) {
      watchWriting(true);
      flow().grown(getWriteBufferSize());
    }
  }

  /** Sends what can be sent, keeps the rest, and consumes all of {@code data}. */
  private void offer(ByteBuffer data) throws IOException {
    if (!hasDataToSend()) {
      offerToChannel(data);
    }
    if (data.hasRemaining()) {
      keep(data);
    }
  }

  private void offerToChannel(ByteBuffer data) throws IOException {
    if (data.isDirect() || registration.takesHeap()) {
      int _ = registration.write(data);
    } else {
      Channels.writeThrough(io.sendBuffer(), registration::write, data);
    }
  }

  /** As {@link #offer}, with as many pieces in one system call as fit in the send buffer. */
  private void offerGathered(List<ByteBuffer> pieces) throws IOException {
    ByteBuffer direct = io.sendBuffer().clear();
    for (ByteBuffer piece : pieces) {
      while (!hasDataToSend() && piece.hasRemaining()) {
        int count = Math.min(piece.remaining(), direct.remaining());
        direct.put(direct.position(), piece, piece.position(), count);
        direct.position(direct.position() + count);
        piece.position(piece.position() + count);
        if (!direct.hasRemaining()) {
          offer(direct.flip());
          direct.clear();
        }
      }
      if (piece.hasRemaining()) {
        keep(piece);
      }
    }
    offer(direct.flip());
  }

  private void keep(ByteBuffer data) {
    WriteBuffer buffer = waiting;
    if (buffer == null) {
      waiting = buffer = new WriteBuffer();
    }
    buffer.append(data);
  }

  private FlowControl flow() {
    FlowControl control = flow;
    if (control == null) {
      flow = control = new FlowControl(loop(), this);
    }
    return control;
  }

  /** Consumes what cannot be sent any more. */
  static void drop(ByteBuffer data) {
    data.position(data.limit());
  }

  /**
   * The pieces of a {@code writeLines}; asked for first, since it may be code that does anything.
   */
  static List<ByteBuffer> piecesOf(Iterable<ByteBuffer> data) {
    List<ByteBuffer> pieces = new ArrayList<>();
    data.forEach(pieces::add);
    return pieces;
  }

  @Override
  final void writeReady() {
    WriteBuffer buffer = waiting;
    if (buffer == null || buffer.isEmpty()) {
      writableWithoutData(); // or aborted by a callback that ran between the poll and this one
      return;
    }
    try {
      flush(buffer);
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on " + kind());
      return;
    }
    flow().shrunk(getWriteBufferSize()); // may write again, close or abort
    if (!hasDataToSend()) {
      sentAll();
      if (!isLost()) {
        ranEmpty();
      }
    }
  }

  /** Sends from what waits until the channel takes no more, or nothing is left. */
  private void flush(WriteBuffer buffer) throws IOException {
    ByteBuffer direct = io.sendBuffer();
    do {
      buffer.copyTo(direct.clear());
      buffer.consume(registration.write(direct.flip()));
    } while (!direct.hasRemaining() && !buffer.isEmpty());
  }

  /** The channel can be written, and nothing is buffered. */
  void writableWithoutData() {}

  /** The last of what was buffered was sent, and the transport goes on. */
  void ranEmpty() {}

  @Override
  final boolean hasDataToSend() {
    return waiting != null && !waiting.isEmpty();
  }

  @Override
  final void dropDataToSend() {
    waiting = null;
  }

  @Override
  public final boolean canWriteEof() {
    return true;
  }

  @Override
  public final long getWriteBufferSize() {
    return waiting == null ? 0 : waiting.size();
  }

  @Override
  public final WriteBufferLimits getWriteBufferLimits() {
    return flow == null ? WriteBufferLimits.DEFAULT : flow.limits();
  }

  @Override
  public final void setWriteBufferLimits(WriteBufferLimits limits) {
    io.checkCaller("transport.setWriteBufferLimits()");
    flow().limits(limits, getWriteBufferSize());
  }

  @Override
  public final void abort() {
    io.checkCaller("transport.abort()");
    forceClose(null);
  }
}

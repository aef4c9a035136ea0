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
  final Outbox outbox;
  private @Nullable FlowControl flow; // null until something had to wait

  /** Takes the channel over; where this throws it is still the caller's. */
  <C extends SelectableChannel & WritableByteChannel> SendingTransport(IoLoop io, C channel)
      throws IOException {
    super(io, channel);
    this.outbox = new Outbox(io, channel);
  }

  /** The kind of transport, for messages. */
  abstract String kind();

  /** Sends what can be sent now, keeps a copy of the rest, and consumes {@code data}. */
  final void send(ByteBuffer data) {
    try {
      outbox.send(data);
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
      outbox.sendGathered(pieces);
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on " + kind());
      return;
    }
    sendRestWhenWritable();
  }

  private void sendRestWhenWritable() {
    if (!outbox.isEmpty()) {
      watchWriting(true);
      flow().grown(outbox.size());
    }
  }

  private FlowControl flow() {
    FlowControl control = flow;
    if (control == null) {
      flow = control = new FlowControl(loop, this);
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
    if (outbox.isEmpty()) {
      writableWithoutData(); // or aborted by a callback that ran between the poll and this one
      return;
    }
    try {
      outbox.flush();
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on " + kind());
      return;
    }
    flow().shrunk(outbox.size()); // may write again, close or abort
    if (outbox.isEmpty()) {
      sentAll();
      if (!isLost()) {
        ranEmpty();
      }
    }
  }

  /** The channel can be written, and nothing is buffered. */
  void writableWithoutData() {}

  /** The last of what was buffered was sent, and the transport goes on. */
  void ranEmpty() {}

  @Override
  final boolean hasDataToSend() {
    return !outbox.isEmpty();
  }

  @Override
  final void dropDataToSend() {
    outbox.clear();
  }

  @Override
  public final boolean canWriteEof() {
    return true;
  }

  @Override
  public final long getWriteBufferSize() {
    return outbox.size();
  }

  @Override
  public final WriteBufferLimits getWriteBufferLimits() {
    return flow == null ? WriteBufferLimits.DEFAULT : flow.limits();
  }

  @Override
  public final void setWriteBufferLimits(WriteBufferLimits limits) {
    io.checkCaller("transport.setWriteBufferLimits()");
    flow().limits(limits, outbox.size());
  }

  @Override
  public final void abort() {
    io.checkCaller("transport.abort()");
    forceClose(null);
  }
}

package dev.asyncio.net;

import dev.asyncio.Future;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a pipe as a transport: any channel that can be written and be watched.
 *
 * <p>That the reader is gone ends it: with {@code connectionLost(null)} while nothing is buffered,
 * else with "Broken pipe". A channel that can be read as well, a socket, tells at once, and so does
 * a pipe while data is buffered; an idle pipe tells at the next write, since the JDK's selector
 * cannot watch for errors alone.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * unix_events._UnixWritePipeTransport}.
 */
public final class WritePipeTransport extends SendingTransport {
  private static final String LOST = "pipe closed by peer or os.write(pipe, data) raised exception";

  private final WritableByteChannel pipe;
  private final boolean tellsWhenReaderIsGone;
  private BaseProtocol protocol;

  private <C extends SelectableChannel & WritableByteChannel> WritePipeTransport(
      IoLoop io, C pipe, BaseProtocol protocol) throws IOException {
    super(io, pipe);
    this.pipe = pipe;
    this.tellsWhenReaderIsGone = (pipe.validOps() & SelectionKey.OP_READ) != 0;
    this.protocol = Objects.requireNonNull(protocol, "protocol");
  }

  /**
   * Takes over a channel. In the next iteration the protocol hears {@code connectionMade}, then
   * {@code made} gets its result.
   *
   * @throws IOException if the channel is closed; the caller then still owns it
   * @throws IllegalArgumentException if the protocol is not of the kind that is needed
   */
  public static <C extends SelectableChannel & WritableByteChannel> WritePipeTransport start(
      IoLoop io, C pipe, BaseProtocol protocol, Future<@Nullable Void> made) throws IOException {
    var transport = new WritePipeTransport(io, pipe, protocol);
    transport.beginSoon(made);
    return transport;
  }

  @Override
  String kind() {
    return "pipe transport";
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    this.protocol = Objects.requireNonNull(protocol, "protocol");
  }

  @Override
  public BaseProtocol getProtocol() {
    return protocol;
  }

  @Override
  void started() {
    watchReading(tellsWhenReaderIsGone);
  }

  /** The reader is gone: nothing else makes the sending end of a pipe readable. */
  @Override
  void readReady() {
    if (!isLost()) {
      forceClose(hasDataToSend() ? new IOException("Broken pipe: the reader is gone") : null);
    }
  }

  // --- writing

  @Override
  public void write(ByteBuffer data) {
    io.checkCaller("transport.write()");
    if (!data.hasRemaining()) {
      return;
    }
    if (isClosing()) {
      drop(data);
      warnOfLostWrite(LOST);
      return;
    }
    send(data);
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> data) {
    io.checkCaller("transport.writeLines()");
    List<ByteBuffer> pieces = piecesOf(data);
    if (isClosing()) {
      pieces.forEach(SendingTransport::drop);
      warnOfLostWrite(LOST);
      return;
    }
    send(pieces);
  }

  /** {@inheritDoc} A pipe has one half only, so this is {@link #close()}. */
  @Override
  public void writeEof() {
    close();
  }

  // --- facts

  /** {@inheritDoc} Knows {@code "pipe"}, the channel. */
  @Override
  public @Nullable Object getExtraInfo(String name) {
    return name.equals("pipe") ? pipe : null;
  }

  @Override
  public String toString() {
    return String.format(
        "WritePipeTransport[%s, %s, %d bytes to send]", pipe, state(), getWriteBufferSize());
  }
}

package dev.asyncio.net;

import dev.asyncio.Future;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.ReadTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a pipe as a transport: any channel that can be read and be watched.
 *
 * <p>Unlike a socket's, its end is the end of the whole: {@code eofReceived}, whatever that
 * returns, then {@code connectionLost(null)}. An exception from {@code dataReceived} is reported
 * and leaves it open.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * unix_events._UnixReadPipeTransport}.
 */
public final class ReadPipeTransport extends ChannelTransport implements ReadTransport {
  private final ReadableByteChannel pipe;
  private boolean paused;
  private Protocol protocol;

  private <C extends SelectableChannel & ReadableByteChannel> ReadPipeTransport(
      IoLoop io, C pipe, Protocol protocol) throws IOException {
    super(io, pipe);
    this.pipe = pipe;
    this.protocol = protocol;
  }

  /**
   * Takes over a channel. In the next iteration the protocol hears {@code connectionMade}, then
   * {@code made} gets its result.
   *
   * @throws IOException if the channel is closed; the caller then still owns it
   * @throws IllegalArgumentException if the protocol is not of the kind that is needed
   */
  public static <C extends SelectableChannel & ReadableByteChannel> ReadPipeTransport start(
      IoLoop io, C pipe, BaseProtocol protocol, Future<@Nullable Void> made) throws IOException {
    Protocol taken = checked(Protocol.class, "read pipe transport", protocol);
    var transport = new ReadPipeTransport(io, pipe, taken);
    transport.beginSoon(made);
    return transport;
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    this.protocol = checked(Protocol.class, "read pipe transport", protocol);
  }

  @Override
  public Protocol getProtocol() {
    return protocol;
  }

  @Override
  void started() {
    if (!paused) {
      watchReading(true);
    }
  }

  @Override
  public boolean isReading() {
    return !paused && !isClosing();
  }

  @Override
  public void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    if (isReading()) {
      paused = true;
      watchReading(false);
    }
  }

  @Override
  public void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    if (paused && !isClosing()) {
      paused = false;
      watchReading(true);
    }
  }

  @Override
  void readReady() {
    if (!isReading()) {
      return; // paused or closed by a callback that ran between the poll and this one
    }
    ByteBuffer data = io.readBuffer().clear().order(ByteOrder.BIG_ENDIAN);
    int count;
    try {
      count = registration.read(data);
    } catch (Throwable exc) {
      fatal(exc, "Fatal read error on pipe transport");
      return;
    }
    if (count > 0) {
      protocol.dataReceived(data.flip());
    } else if (count < 0) {
      watchReading(false);
      loop()
          .callSoon(() -> protocol.eofReceived()); // first, and connectionLost in its own callback
      lose(null);
    }
  }

  /** As CPython: only the error that a terminal gives when its other side is gone is ordinary. */
  @Override
  boolean isOrdinary(Throwable exc) {
    return exc instanceof IOException && "Input/output error".equals(exc.getMessage());
  }

  @Override
  void writeReady() {}

  @Override
  boolean hasDataToSend() {
    return false;
  }

  @Override
  void dropDataToSend() {}

  /** {@inheritDoc} Knows {@code "pipe"}, the channel. */
  @Override
  public @Nullable Object getExtraInfo(String name) {
    return name.equals("pipe") ? pipe : null;
  }

  @Override
  public String toString() {
    return "ReadPipeTransport[" + pipe + ", " + state() + (paused ? ", paused]" : "]");
  }
}

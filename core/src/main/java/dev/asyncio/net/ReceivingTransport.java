package dev.asyncio.net;

import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * The receiving half of a {@link SocketTransport}: reads when there is something, and gives it to
 * the protocol, into the loop's shared buffer or into one of the protocol's own.
 *
 * <p><b>Threads:</b> loop only.
 */
abstract class ReceivingTransport extends SendingTransport implements Transport {
  /** STARTING until connectionMade returned; READING and PAUSED alternate; ENDED by the peer. */
  private enum Input {
    STARTING,
    READING,
    PAUSED,
    ENDED
  }

  private Input input = Input.STARTING;
  private BaseProtocol protocol; // a Protocol or a BufferedProtocol

  /** Takes the channel over; where this throws it is still the caller's. */
  ReceivingTransport(IoLoop io, SocketChannel channel, BaseProtocol protocol) throws IOException {
    super(io, channel);
    check(protocol);
    this.protocol = protocol;
  }

  final SocketChannel socket() {
    return (SocketChannel) channel();
  }

  /**
   * Refuses a protocol that no bytes can be given to.
   *
   * @throws IllegalArgumentException if it is neither a Protocol nor a BufferedProtocol
   */
  static void check(BaseProtocol protocol) {
    Objects.requireNonNull(protocol, "protocol");
    if (!(protocol instanceof Protocol) && !(protocol instanceof BufferedProtocol)) {
      throw new IllegalArgumentException(
          "a stream transport needs a Protocol or a BufferedProtocol, got " + protocol);
    }
  }

  @Override
  public final void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    check(protocol);
    this.protocol = protocol;
  }

  @Override
  public final BaseProtocol getProtocol() {
    return protocol;
  }

  /** Begins to read, unless it was paused before it could. */
  @Override
  final void started() {
    if (input == Input.STARTING) {
      read();
    }
  }

  private boolean isOn() {
    return input == Input.READING || input == Input.STARTING;
  }

  /** {@inheritDoc} Differs: after the end of the peer's data CPython goes on saying true. */
  @Override
  public final boolean isReading() {
    return !isClosing() && isOn();
  }

  @Override
  public final void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    if (isReading()) {
      input = Input.PAUSED;
      watchReading(false);
    }
  }

  @Override
  public final void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    if (!isClosing() && input == Input.PAUSED) {
      read();
    }
  }

  private void read() {
    input = Input.READING;
    watchReading(true);
  }

  @Override
  final boolean hasReadAll() {
    return input == Input.ENDED;
  }

  @Override
  final void readReady() {
    if (input != Input.READING || isClosing()) {
      return; // paused or closed by a callback that ran between the poll and this one
    }
    if (protocol instanceof BufferedProtocol buffered) {
      readInto(buffered);
    } else {
      readInto((Protocol) protocol);
    }
  }

  private void readInto(Protocol target) {
    ByteBuffer data = io.readBuffer().clear().order(ByteOrder.BIG_ENDIAN);
    int count = receive(data);
    if (count > 0) {
      try {
        target.dataReceived(data.flip());
      } catch (Throwable exc) {
        fatal(exc, "Fatal error: protocol.data_received() call failed.");
      }
    } else if (count < 0) {
      end();
    }
  }

  private void readInto(BufferedProtocol target) {
    ByteBuffer data;
    try {
      data = target.getBuffer(-1);
      if (!data.hasRemaining() && !(target instanceof Protocol)) {
        throw new IllegalStateException("getBuffer() returned an empty buffer");
      }
    } catch (Throwable exc) {
      fatal(exc, "Fatal error: protocol.get_buffer() call failed.");
      return;
    }
    if (!data.hasRemaining()) {
      readInto((Protocol) target);
      return;
    }
    int count = receive(data);
    if (count > 0) {
      try {
        target.bufferUpdated(count);
      } catch (Throwable exc) {
        fatal(exc, "Fatal error: protocol.buffer_updated() call failed.");
      }
    } else if (count < 0) {
      end();
    }
  }

  /** Returns the number of bytes read, 0 for none, including after an error, -1 at the end. */
  private int receive(ByteBuffer into) {
    try {
      return registration.read(into);
    } catch (Throwable exc) {
      fatal(exc, "Fatal read error on socket transport");
      return 0;
    }
  }

  private void end() {
    input = Input.ENDED;
    boolean keepOpen;
    try {
      keepOpen =
          protocol instanceof Protocol streaming
              ? streaming.eofReceived()
              : ((BufferedProtocol) protocol).eofReceived();
    } catch (Throwable exc) {
      fatal(exc, "Fatal error: protocol.eof_received() call failed.");
      return;
    }
    if (keepOpen) {
      watchReading(false);
    } else {
      close();
    }
  }

  /** The part of {@code toString} that is about this half. */
  final String inputState() {
    return "input " + input;
  }
}

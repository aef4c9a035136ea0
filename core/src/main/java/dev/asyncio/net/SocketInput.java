package dev.asyncio.net;

import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Protocol;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a {@link SocketTransport}: reads when there is something, and gives it to
 * the protocol, into the loop's shared buffer or into one of the protocol's own.
 *
 * <p><b>Threads:</b> loop only.
 */
final class SocketInput {
  /** STARTING until connectionMade returned; READING and PAUSED alternate; ENDED by the peer. */
  private enum Phase {
    STARTING,
    READING,
    PAUSED,
    ENDED
  }

  private final IoLoop io;
  private final SocketTransport transport;
  private final SocketChannel channel;

  private Phase phase = Phase.STARTING;
  // Invariant: exactly one of streaming and buffered is set, and is the protocol.
  private BaseProtocol protocol;
  private @Nullable Protocol streaming;
  private @Nullable BufferedProtocol buffered;

  SocketInput(IoLoop io, SocketTransport transport, SocketChannel channel, BaseProtocol protocol) {
    this.io = io;
    this.transport = transport;
    this.channel = channel;
    this.protocol = protocol;
    bind(protocol);
  }

  BaseProtocol protocol() {
    return protocol;
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

  /** Gives what comes from now on to another protocol. */
  void bind(BaseProtocol next) {
    check(next);
    streaming = next instanceof Protocol taken ? taken : null;
    buffered = streaming == null ? (BufferedProtocol) next : null;
    protocol = next;
  }

  /** Begins to read, unless it was paused before it could. */
  void start() {
    if (phase == Phase.STARTING) {
      read();
    }
  }

  boolean isOn() {
    return phase == Phase.READING || phase == Phase.STARTING;
  }

  boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  void pause() {
    if (isOn()) {
      phase = Phase.PAUSED;
      transport.watchReading(false);
    }
  }

  void resume() {
    if (phase == Phase.PAUSED) {
      read();
    }
  }

  private void read() {
    phase = Phase.READING;
    transport.watchReading(true);
  }

  /** Called by the loop when there is something to read, or the peer has ended. */
  void ready() {
    if (phase != Phase.READING || transport.isClosing()) {
      return; // paused or closed by a callback that ran between the poll and this one
    }
    if (streaming != null) {
      readInto(streaming);
    } else if (buffered != null) {
      readInto(buffered);
    }
  }

  private void readInto(Protocol target) {
    ByteBuffer data = io.readBuffer().clear().order(ByteOrder.BIG_ENDIAN);
    int count = receive(data);
    if (count > 0) {
      try {
        target.dataReceived(data.flip());
      } catch (Throwable exc) {
        transport.fatal(exc, "Fatal error: protocol.data_received() call failed.");
      }
    } else if (count < 0) {
      end();
    }
  }

  private void readInto(BufferedProtocol target) {
    ByteBuffer data;
    try {
      data = target.getBuffer(-1);
      if (!data.hasRemaining()) {
        throw new IllegalStateException("getBuffer() returned an empty buffer");
      }
    } catch (Throwable exc) {
      transport.fatal(exc, "Fatal error: protocol.get_buffer() call failed.");
      return;
    }
    int count = receive(data);
    if (count > 0) {
      try {
        target.bufferUpdated(count);
      } catch (Throwable exc) {
        transport.fatal(exc, "Fatal error: protocol.buffer_updated() call failed.");
      }
    } else if (count < 0) {
      end();
    }
  }

  /** Returns the number of bytes read, 0 for none, including after an error, -1 at the end. */
  private int receive(ByteBuffer into) {
    try {
      return channel.read(into);
    } catch (Throwable exc) {
      transport.fatal(exc, "Fatal read error on socket transport");
      return 0;
    }
  }

  private void end() {
    phase = Phase.ENDED;
    boolean keepOpen;
    try {
      keepOpen = streaming != null ? streaming.eofReceived() : eofOf(buffered);
    } catch (Throwable exc) {
      transport.fatal(exc, "Fatal error: protocol.eof_received() call failed.");
      return;
    }
    if (keepOpen) {
      transport.watchReading(false);
    } else {
      transport.close();
    }
  }

  private static boolean eofOf(@Nullable BufferedProtocol target) {
    return target != null && target.eofReceived();
  }

  @Override
  public String toString() {
    return "input " + phase;
  }
}

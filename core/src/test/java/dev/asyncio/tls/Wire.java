package dev.asyncio.tls;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection in memory, no socket below: it delivers what the other end writes in
 * pieces of the sizes that the test says, and can be cut after any number of bytes.
 */
final class Wire implements Transport {
  private final AbstractEventLoop loop = Asyncio.runningLoop();
  private final IntSupplier pieces;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private @Nullable Wire other;
  private @Nullable Protocol protocol;
  private boolean reading = true;
  private boolean closing;
  private boolean ended;
  private boolean under; // way: a delivery is scheduled
  private int delivered;
  private int cutAfter = Integer.MAX_VALUE;

  private Wire(IntSupplier pieces) {
    this.pieces = pieces;
  }

  /** Two ends; each writes to the other. */
  static Wire pair(IntSupplier pieces) {
    Wire one = new Wire(pieces);
    one.other = new Wire(pieces);
    one.other.other = one;
    return one;
  }

  Wire other() {
    return Objects.requireNonNull(other);
  }

  /** How many bytes of this end have reached the other one. */
  int delivered() {
    return delivered;
  }

  /** Has this end break off after so many bytes. */
  void cutAfter(int count) {
    cutAfter = count;
  }

  void connect(Protocol first) {
    protocol = first;
    loop.callSoon(() -> first.connectionMade(this));
  }

  @Override
  public void write(ByteBuffer data) {
    byte[] copy = new byte[data.remaining()];
    data.get(copy);
    if (!closing) {
      written.writeBytes(copy);
      deliverSoon();
    }
  }

  private void deliverSoon() {
    if (!under) {
      under = true;
      loop.callSoon(this::deliver);
    }
  }

  private void deliver() {
    under = false;
    Wire peer = other();
    if (!peer.reading || peer.ended) {
      return;
    }
    byte[] all = written.toByteArray();
    int end = Math.min(cutAfter, Math.min(all.length, delivered + pieces.getAsInt()));
    if (end > delivered) {
      ByteBuffer piece = ByteBuffer.wrap(all, delivered, end - delivered).slice();
      delivered = end;
      Objects.requireNonNull(peer.protocol).dataReceived(piece);
    }
    if (delivered < Math.min(cutAfter, all.length)) {
      deliverSoon();
    } else if (closing || delivered == cutAfter) {
      peer.ended = true;
      if (!Objects.requireNonNull(peer.protocol).eofReceived()) {
        peer.close();
      }
    }
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> data) {
    data.forEach(this::write);
  }

  @Override
  public void close() {
    if (!closing) {
      closing = true;
      reading = false;
      deliverSoon();
      loop.callSoon(() -> Objects.requireNonNull(protocol).connectionLost(null));
    }
  }

  @Override
  public void abort() {
    close();
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public boolean isReading() {
    return reading;
  }

  @Override
  public void pauseReading() {
    reading = false;
  }

  @Override
  public void resumeReading() {
    reading = !closing;
    other().deliverSoon();
  }

  @Override
  public void writeEof() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean canWriteEof() {
    return false;
  }

  @Override
  public long getWriteBufferSize() {
    return 0;
  }

  @Override
  public WriteBufferLimits getWriteBufferLimits() {
    return WriteBufferLimits.DEFAULT;
  }

  @Override
  public void setWriteBufferLimits(WriteBufferLimits limits) {}

  @Override
  public @Nullable Object getExtraInfo(String name) {
    return null;
  }

  @Override
  public void setProtocol(BaseProtocol next) {
    protocol = (Protocol) next;
  }

  @Override
  public BaseProtocol getProtocol() {
    return Objects.requireNonNull(protocol);
  }
}

package dev.asyncio.net;

import dev.asyncio.Asyncio;
import dev.asyncio.Future;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A protocol that notes what it hears; tests override what they want done. */
public class Recorder implements Protocol {
  /** The events in order; those of data as one entry each. */
  protected final List<String> log = new ArrayList<>();

  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final Future<@Nullable Throwable> lost = Asyncio.runningLoop().createFuture();
  private @Nullable Transport transport;

  /** The events in order. */
  public List<String> log() {
    return log;
  }

  /** All data so far. */
  public byte[] received() {
    return received.toByteArray();
  }

  /** All data so far, as text. */
  public String receivedText() {
    return Loopback.text(received());
  }

  /** Done when the connection is gone, with what it was lost with. */
  public Future<@Nullable Throwable> lost() {
    return lost;
  }

  /** The transport; there from {@code connectionMade} on. */
  public Transport transport() {
    return Objects.requireNonNull(transport, "not connected yet");
  }

  @Override
  public void connectionMade(BaseTransport transport) {
    this.transport = (Transport) transport;
    log.add("made");
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    log.add("data " + data.remaining());
    while (data.hasRemaining()) {
      received.write(data.get());
    }
  }

  @Override
  public boolean eofReceived() {
    log.add("eof");
    return false;
  }

  @Override
  public void pauseWriting() {
    log.add("pause");
  }

  @Override
  public void resumeWriting() {
    log.add("resume");
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    log.add(exc == null ? "lost" : "lost with " + exc.getClass().getSimpleName());
    lost.setResult(exc);
  }
}

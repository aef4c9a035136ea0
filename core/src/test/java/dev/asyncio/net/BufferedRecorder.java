package dev.asyncio.net;

import static dev.asyncio.net.Loopback.text;

import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Receives into one small buffer of its own. */
class BufferedRecorder implements BufferedProtocol {
  final List<String> log = new ArrayList<>();
  final ByteBuffer buffer;
  final List<Throwable> lost = new ArrayList<>();
  @Nullable Transport transport;

  BufferedRecorder(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public void connectionMade(BaseTransport made) {
    transport = (Transport) made;
    log.add("made");
  }

  @Override
  public ByteBuffer getBuffer(int sizeHint) {
    log.add("get " + sizeHint);
    return buffer.clear();
  }

  @Override
  public void bufferUpdated(int count) {
    byte[] data = new byte[count];
    buffer.flip().get(data);
    log.add("updated " + text(data));
  }

  @Override
  public boolean eofReceived() {
    log.add("eof");
    return false;
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    log.add("lost");
    if (exc != null) {
      lost.add(exc);
    }
  }
}

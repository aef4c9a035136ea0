package dev.asyncio.stream;

import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.ReadTransport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source of a reader that is fed by hand; it notes when it is paused and resumed. */
final class PausableTransport implements ReadTransport {
  final List<String> log = new ArrayList<>();
  private boolean reading = true;

  @Override
  public boolean isReading() {
    return reading;
  }

  @Override
  public void pauseReading() {
    log.add("pause");
    reading = false;
  }

  @Override
  public void resumeReading() {
    log.add("resume");
    reading = true;
  }

  @Override
  public void close() {
    log.add("close");
  }

  @Override
  public boolean isClosing() {
    return log.contains("close");
  }

  @Override
  public @Nullable Object getExtraInfo(String name) {
    return null;
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    throw new AssertionError("not expected");
  }

  @Override
  public BaseProtocol getProtocol() {
    throw new AssertionError("not expected");
  }
}

package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for a transport's protocol while a file is written to it: nothing is read, and the file
 * waits while the transport has enough to send.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * base_events._SendfileFallbackProtocol}.
 */
final class SendfileProtocol implements Protocol {
  private final AbstractEventLoop loop;
  private final Transport transport;
  private final BaseProtocol replaced;
  private final boolean reading;
  private @Nullable Future<@Nullable Void> room; // set while the file waits
  private int paused; // how often writing was paused more than resumed, since we are here
  private boolean lost;

  SendfileProtocol(AbstractEventLoop loop, Transport transport) {
    this.loop = loop;
    this.transport = transport;
    this.replaced = transport.getProtocol();
    this.reading = transport.isReading();
    transport.pauseReading();
    transport.setProtocol(this);
  }

  /** Waits while the transport has more to send than its high mark. */
  void drain() throws IOException {
    if (transport.isClosing()) {
      throw new SocketException("Connection closed by peer: " + transport);
    }
    // Above the mark it is paused, now or before we came, so it will say when to go on.
    if (transport.getWriteBufferSize() > transport.getWriteBufferLimits().high()) {
      Future<@Nullable Void> waiter = loop.createFuture();
      room = waiter;
      try {
        waiter.await();
      } finally {
        room = null;
      }
    }
  }

  /** Puts the protocol back, and tells it what it has missed. */
  void restore() {
    if (lost) {
      return;
    }
    transport.setProtocol(replaced);
    if (reading) {
      transport.resumeReading();
    }
    if (paused > 0) {
      replaced.pauseWriting();
    } else if (paused < 0) {
      replaced.resumeWriting();
    }
  }

  @Override
  public void pauseWriting() {
    paused++;
  }

  @Override
  public void resumeWriting() {
    paused--;
    if (room != null && !room.done()) {
      room.setResult(null);
    }
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    lost = true;
    if (room != null && !room.done()) {
      room.setException(
          exc != null ? exc : new SocketException("Connection is closed by peer: " + transport));
    }
    transport.setProtocol(replaced);
    replaced.connectionLost(exc);
  }

  @Override
  public String toString() {
    return "SendfileProtocol[in place of " + replaced + "]";
  }
}

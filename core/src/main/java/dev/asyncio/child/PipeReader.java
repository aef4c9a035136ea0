package dev.asyncio.child;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.net.IoLoop;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.ReadTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a pipe as a transport.
 *
 * <p><b>Source:</b> CPython 3.14, {@code unix_events._UnixReadPipeTransport}.
 */
final class PipeReader implements ReadTransport {
  /** STARTING, then READING and PAUSED alternate, CLOSING (connectionLost is due), CLOSED. */
  private enum Phase {
    STARTING,
    READING,
    PAUSED,
    CLOSING,
    CLOSED
  }

  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final PipeEnd pipe;
  private final String name;
  private Protocol protocol;
  private Phase phase = Phase.STARTING;

  /** Whether a call of {@link #ready} is due. */
  private boolean armed;

  PipeReader(IoLoop io, PipeEnd pipe, String name, Protocol protocol) throws IOException {
    this.io = io;
    this.loop = io.loop();
    this.pipe = pipe;
    this.name = name;
    this.protocol = protocol;
    pipe.open(this::ready, () -> {});
  }

  /** Tells the protocol and begins to read, unless that was paused or ended before. */
  void begin() {
    protocol.connectionMade(this);
    if (phase == Phase.STARTING) {
      phase = Phase.READING;
      arm();
    }
  }

  private void arm() {
    if (!armed) {
      armed = true;
      try {
        pipe.arm();
      } catch (IOException e) {
        fatal(e, "Fatal read error on pipe transport");
      }
    }
  }

  private void ready() {
    armed = false;
    if (phase != Phase.READING) {
      return; // paused or closed meanwhile
    }
    ByteBuffer data = io.readBuffer().clear().order(ByteOrder.BIG_ENDIAN);
    int count;
    try {
      count = pipe.transfer(data);
    } catch (IOException e) {
      fatal(e, "Fatal read error on pipe transport");
      return;
    }
    if (count > 0) {
      try {
        protocol.dataReceived(data.flip());
      } catch (Throwable e) {
        fatal(e, "Fatal error: protocol.data_received() call failed.");
        return;
      }
    } else if (count < 0) {
      phase = Phase.CLOSING;
      loop.callSoon(() -> {
        boolean _ = protocol.eofReceived(); // whatever it says: a pipe has one direction
      });
      loop.callSoon(() -> lost(null));
      return;
    }
    if (phase == Phase.READING) {
      arm();
    }
  }

  private void fatal(Throwable exc, String message) {
    switch (exc) {
      case KeyboardInterrupt interrupt -> throw interrupt;
      case SystemExit exit -> throw exit;
      case IOException _ -> {}
      default ->
          loop.callExceptionHandler(
              ExceptionContext.of(message).exception(exc).transport(this).protocol(protocol));
    }
    end(exc);
  }

  private void end(@Nullable Throwable exc) {
    if (!isClosing()) {
      phase = Phase.CLOSING;
      if (loop.isClosed()) {
        release();
      } else {
        loop.callSoon(() -> lost(exc));
      }
    }
  }

  private void lost(@Nullable Throwable exc) {
    try {
      protocol.connectionLost(exc);
    } finally {
      release();
    }
  }

  /** Lets go of the pipe without telling anybody. */
  void release() {
    phase = Phase.CLOSED;
    pipe.close();
  }

  @Override
  public boolean isReading() {
    return phase == Phase.STARTING || phase == Phase.READING;
  }

  @Override
  public void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    if (isReading()) {
      phase = Phase.PAUSED;
    }
  }

  @Override
  public void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    if (phase == Phase.PAUSED) {
      phase = Phase.READING;
      arm();
    }
  }

  @Override
  public void close() {
    io.checkCaller("transport.close()");
    end(null);
  }

  @Override
  public boolean isClosing() {
    return phase == Phase.CLOSING || phase == Phase.CLOSED;
  }

  @Override
  public @Nullable Object getExtraInfo(String detail) {
    return null;
  }

  @Override
  public void setProtocol(BaseProtocol next) {
    if (!(next instanceof Protocol taken)) {
      throw new IllegalArgumentException("a pipe transport needs a Protocol, got " + next);
    }
    protocol = taken;
  }

  @Override
  public BaseProtocol getProtocol() {
    return protocol;
  }

  @Override
  public String toString() {
    return "PipeReader[" + name + ", " + phase + "]";
  }
}

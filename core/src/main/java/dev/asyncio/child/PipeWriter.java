package dev.asyncio.child;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.net.FlowControl;
import dev.asyncio.net.IoLoop;
import dev.asyncio.net.WriteBuffer;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.WriteBufferLimits;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a pipe as a transport. It notices when nobody reads any more.
 *
 * <p><b>Source:</b> CPython 3.14, {@code unix_events._UnixWritePipeTransport}.
 */
final class PipeWriter implements WriteTransport {
  private static final System.Logger LOG = System.getLogger("asyncio");
  private static final int LOST_WRITES_TO_WARN_OF = 5;

  /** OPEN -> ENDING (closed with data to send) -> CLOSING (connectionLost is due) -> CLOSED. */
  private enum Phase {
    OPEN,
    ENDING,
    CLOSING,
    CLOSED
  }

  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final PipeEnd pipe;
  private final String name;
  private final WriteBuffer waiting = new WriteBuffer();
  private final FlowControl flow;
  private BaseProtocol protocol;
  private Phase phase = Phase.OPEN;
  private int lostWrites;

  PipeWriter(IoLoop io, PipeEnd pipe, String name, BaseProtocol protocol) throws IOException {
    this.io = io;
    this.loop = io.loop();
    this.pipe = pipe;
    this.name = name;
    this.protocol = protocol;
    this.flow = new FlowControl(loop, this);
    pipe.open(this::ready, this::hungUp);
  }

  @Override
  public void write(ByteBuffer data) {
    io.checkCaller("transport.write()");
    if (!data.hasRemaining()) {
      return;
    }
    if (phase != Phase.OPEN) {
      data.position(data.limit());
      if (++lostWrites >= LOST_WRITES_TO_WARN_OF) {
        LOG.log(
            System.Logger.Level.WARNING,
            "pipe closed by peer or os.write(pipe, data) raised exception.");
      }
      return;
    }
    try {
      if (waiting.isEmpty()) {
        offer(data);
      }
      if (data.hasRemaining()) {
        boolean first = waiting.isEmpty();
        waiting.append(data);
        if (first) {
          pipe.arm();
        }
        flow.grown(waiting.size());
      }
    } catch (IOException e) {
      data.position(data.limit());
      lostWrites++;
      end(e);
    }
  }

  private void offer(ByteBuffer data) throws IOException {
    ByteBuffer direct = io.sendBuffer();
    int taken;
    do {
      int count = Math.min(data.remaining(), direct.capacity());
      direct.clear().put(0, data, data.position(), count).limit(count);
      taken = pipe.transfer(direct);
      data.position(data.position() + taken);
    } while (taken > 0 && data.hasRemaining());
  }

  private void ready() {
    if (phase != Phase.OPEN && phase != Phase.ENDING) {
      return;
    }
    try {
      while (!waiting.isEmpty()) {
        ByteBuffer direct = io.sendBuffer().clear();
        waiting.copyTo(direct);
        int taken = pipe.transfer(direct.flip());
        if (taken == 0) {
          pipe.arm();
          break;
        }
        waiting.consume(taken);
      }
    } catch (IOException e) {
      end(e);
      return;
    }
    flow.shrunk(waiting.size());
    if (waiting.isEmpty() && phase == Phase.ENDING) {
      lose(null);
    }
  }

  private void hungUp() {
    end(waiting.isEmpty() ? null : new IOException("Broken pipe: " + name + " was closed"));
  }

  private void end(@Nullable Throwable exc) {
    if (phase == Phase.OPEN || phase == Phase.ENDING) {
      waiting.clear();
      lose(exc);
    }
  }

  private void lose(@Nullable Throwable exc) {
    phase = Phase.CLOSING;
    if (loop.isClosed()) {
      release();
    } else {
      loop.callSoon(() -> lost(exc));
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
  public void writeLines(Iterable<ByteBuffer> data) {
    data.forEach(this::write);
  }

  @Override
  public void writeEof() {
    io.checkCaller("transport.writeEof()");
    if (phase == Phase.OPEN) {
      phase = Phase.ENDING;
      if (waiting.isEmpty()) {
        lose(null);
      }
    }
  }

  @Override
  public boolean canWriteEof() {
    return true;
  }

  @Override
  public void close() {
    writeEof();
  }

  @Override
  public void abort() {
    io.checkCaller("transport.abort()");
    end(null);
  }

  @Override
  public boolean isClosing() {
    return phase != Phase.OPEN;
  }

  @Override
  public long getWriteBufferSize() {
    return waiting.size();
  }

  @Override
  public WriteBufferLimits getWriteBufferLimits() {
    return flow.limits();
  }

  @Override
  public void setWriteBufferLimits(WriteBufferLimits limits) {
    flow.limits(limits, waiting.size());
  }

  @Override
  public @Nullable Object getExtraInfo(String detail) {
    return null;
  }

  @Override
  public void setProtocol(BaseProtocol next) {
    protocol = next;
  }

  @Override
  public BaseProtocol getProtocol() {
    return protocol;
  }

  @Override
  public String toString() {
    return "PipeWriter[" + name + ", " + phase + ", " + waiting.size() + " bytes to send]";
  }
}

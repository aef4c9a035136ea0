package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.WriteBufferLimits;

/**
 * Pauses a protocol when a write buffer has grown strictly above its high mark, and resumes it when
 * the buffer has shrunk to its low mark: each once per crossing.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code transports._FlowControlMixin}.
 */
public final class FlowControl {
  private final AbstractEventLoop loop;
  private final BaseTransport transport;
  private WriteBufferLimits limits = WriteBufferLimits.DEFAULT;
  private boolean paused;

  /** For a transport of a loop. */
  public FlowControl(AbstractEventLoop loop, BaseTransport transport) {
    this.loop = loop;
    this.transport = transport;
  }

  /** The marks. */
  public WriteBufferLimits limits() {
    return limits;
  }

  /** Sets the marks, for a buffer of {@code size} bytes. */
  public void limits(WriteBufferLimits limits, long size) {
    this.limits = limits;
    grown(size);
  }

  /** To be called when the buffer may have grown to {@code size}. */
  public void grown(long size) {
    if (size > limits.high() && !paused) {
      paused = true;
      BaseProtocol protocol = transport.getProtocol();
      try {
        protocol.pauseWriting();
      } catch (KeyboardInterrupt | SystemExit exc) {
        throw exc;
      } catch (Throwable exc) {
        report("protocol.pause_writing() failed", exc, protocol);
      }
    }
  }

  /** To be called when the buffer may have shrunk to {@code size}. */
  public void shrunk(long size) {
    if (paused && size <= limits.low()) {
      paused = false;
      BaseProtocol protocol = transport.getProtocol();
      try {
        protocol.resumeWriting();
      } catch (KeyboardInterrupt | SystemExit exc) {
        throw exc;
      } catch (Throwable exc) {
        report("protocol.resume_writing() failed", exc, protocol);
      }
    }
  }

  private void report(String message, Throwable exc, BaseProtocol protocol) {
    loop.callExceptionHandler(
        ExceptionContext.of(message).exception(exc).transport(transport).protocol(protocol));
  }
}

package dev.asyncio.tls;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.TimeoutException;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The program's side of a TLS connection: its protocol, what that has been told, and whether it is
 * willing to read.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Program {
  private static final System.Logger LOG = System.getLogger("asyncio");

  /** 512 KiB and a quarter of it, as CPython: records are made late and in large numbers. */
  static final WriteBufferLimits WRITE_LIMITS = WriteBufferLimits.ofHigh(512 * 1024);

  /** From this many writes on a lost connection on, each is warned of. */
  private static final int LOST_WRITES_TO_WARN_OF = 5;

  /** NOTHING -> MADE -> ENDED (by the peer) -> LOST; ENDED may be skipped. */
  private enum Told {
    NOTHING,
    MADE,
    ENDED,
    LOST
  }

  private final AbstractEventLoop loop;
  private final Transport transport;

  private Told told;
  private BaseProtocol protocol;
  private @Nullable Protocol streaming; // invariant: one of the two is the protocol, or both are
  private @Nullable BufferedProtocol buffered;

  private boolean readingPaused;
  private byte @Nullable [] unread; // decrypted, but the protocol has paused amid it
  private WriteBufferLimits limits = WRITE_LIMITS;
  private boolean writingPaused;
  private int lostWrites;

  /**
   * @param transport what the protocol talks to
   * @param connected whether the protocol had its {@code connectionMade} already
   */
  Program(AbstractEventLoop loop, Transport transport, BaseProtocol protocol, boolean connected) {
    this.loop = loop;
    this.transport = transport;
    this.told = connected ? Told.MADE : Told.NOTHING;
    this.protocol = protocol;
    bind(protocol);
  }

  BaseProtocol protocol() {
    return protocol;
  }

  void bind(BaseProtocol next) {
    Objects.requireNonNull(next, "protocol");
    if (!(next instanceof Protocol) && !(next instanceof BufferedProtocol)) {
      throw new IllegalArgumentException(
          "a TLS transport needs a Protocol or a BufferedProtocol, got " + next);
    }
    streaming = next instanceof Protocol taken ? taken : null;
    buffered = next instanceof BufferedProtocol taken ? taken : null;
    protocol = next;
  }

  // --- life

  void made() {
    if (told == Told.NOTHING) {
      told = Told.MADE;
      protocol.connectionMade(transport);
    }
  }

  void ended() {
    if (told != Told.MADE) {
      return;
    }
    told = Told.ENDED;
    boolean keepOpen = streaming != null ? streaming.eofReceived() : eofOf(buffered);
    if (keepOpen) {
      LOG.log(
          System.Logger.Level.WARNING,
          "returning true from eof_received() has no effect when using ssl");
    }
  }

  private static boolean eofOf(@Nullable BufferedProtocol target) {
    return target != null && target.eofReceived();
  }

  void lost(@Nullable Throwable exc) {
    boolean knowsOfIt = told == Told.MADE || told == Told.ENDED;
    told = Told.LOST;
    if (knowsOfIt && !loop.isClosed()) {
      loop.callSoon(() -> protocol.connectionLost(exc));
    }
  }

  // --- reading

  boolean isReadingPaused() {
    return readingPaused;
  }

  void readingPaused(boolean paused) {
    readingPaused = paused;
  }

  boolean hasUnread() {
    return unread != null;
  }

  /** Delivers what was left when the protocol paused. */
  void deliverUnread() {
    if (unread != null && !readingPaused) {
      ByteBuffer rest = ByteBuffer.wrap(unread);
      unread = null;
      deliver(rest);
    }
  }

  void forgetUnread() {
    unread = null;
  }

  /** Delivers all of it, or as much as the protocol wants and keeps the rest. */
  void deliver(ByteBuffer bytes) {
    if (buffered != null) {
      fill(buffered, bytes);
    }
    if (!bytes.hasRemaining()) {
      return;
    }
    if (streaming != null) {
      streaming.dataReceived(bytes.order(ByteOrder.BIG_ENDIAN));
    } else {
      unread = new byte[bytes.remaining()];
      bytes.get(unread);
    }
  }

  private void fill(BufferedProtocol target, ByteBuffer bytes) {
    while (bytes.hasRemaining() && !readingPaused && !transport.isClosing()) {
      ByteBuffer buffer = target.getBuffer(bytes.remaining());
      int count = Math.min(buffer.remaining(), bytes.remaining());
      if (count == 0 && streaming != null) {
        return;
      }
      if (count == 0) {
        throw new IllegalStateException("getBuffer() returned an empty buffer");
      }
      buffer.put(buffer.position(), bytes, bytes.position(), count);
      buffer.position(buffer.position() + count);
      bytes.position(bytes.position() + count);
      target.bufferUpdated(count);
    }
  }

  // --- writing

  WriteBufferLimits limits() {
    return limits;
  }

  void limits(WriteBufferLimits limits, long size) {
    this.limits = limits;
    waiting(size);
  }

  /** Pauses and resumes the protocol as what waits to be sent grows and shrinks to {@code size}. */
  void waiting(long size) {
    if (!writingPaused && size >= limits.high() && size > limits.low()) {
      writingPaused = true;
      tell("protocol.pause_writing() failed", protocol::pauseWriting);
    } else if (writingPaused && size <= limits.low()) {
      writingPaused = false;
      tell("protocol.resume_writing() failed", protocol::resumeWriting);
    }
  }

  /** To be called for each write that comes too late. */
  void hasMissedTheEnd() {
    if (++lostWrites >= LOST_WRITES_TO_WARN_OF) {
      LOG.log(
          System.Logger.Level.WARNING,
          "SSL connection is closed: {0} is gone, stop writing after connectionLost()",
          transport);
    }
  }

  // --- errors

  /**
   * Reports what is no ordinary network error to the loop's exception handler.
   *
   * @param unheard whether nobody else hears of it, so that debug mode reports it anyway
   */
  void report(Throwable exc, String message, boolean unheard) {
    boolean ordinary = exc instanceof IOException || exc instanceof TimeoutException;
    if (unheard && loop.getDebug()) {
      message = "Error on transport creation for incoming connection";
      ordinary = false;
    }
    if (!ordinary) {
      loop.callExceptionHandler(
          ExceptionContext.of(message).exception(exc).transport(transport).protocol(protocol));
    } else if (loop.getDebug()) {
      LOG.log(System.Logger.Level.DEBUG, transport + ": " + message, exc);
    }
  }

  private void tell(String failure, Runnable event) {
    try {
      event.run();
    } catch (KeyboardInterrupt | SystemExit exc) {
      throw exc;
    } catch (Throwable exc) {
      loop.callExceptionHandler(
          ExceptionContext.of(failure).exception(exc).transport(transport).protocol(protocol));
    }
  }
}

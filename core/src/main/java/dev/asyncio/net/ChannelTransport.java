package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.Unclosed;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BaseTransport;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * The life of a transport over a channel that can be watched: it begins in the iteration after it
 * was made, and its end is reported once. What the bytes mean is the subclass's business.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * selector_events._SelectorTransport}.
 */
abstract class ChannelTransport implements BaseTransport, Runnable {
  private static final System.Logger LOG = System.getLogger("asyncio");

  /** From this many writes on a lost transport on, each is warned of. */
  private static final int LOST_WRITES_TO_WARN_OF = 5;

  private static final Unclosed.Kind<SelectableChannel> KIND =
      Unclosed.kind("transport", Channels::closeQuietly);

  /**
   * OPEN -> DRAINING (closed with data to send) -> LOST (connectionLost is due) -> CLOSED. Phases
   * may be skipped; there is no way back.
   */
  private enum Phase {
    OPEN,
    DRAINING,
    LOST,
    CLOSED
  }

  // --- set once
  final IoLoop io;
  private final SelectableChannel channel;
  final Registration registration;

  // --- loop thread only
  private Phase phase = Phase.OPEN;
  private int lostWrites;
  private @Nullable Unclosed unclosed; // once it is in use

  /** Takes the channel over; where this throws it is still the caller's. */
  ChannelTransport(IoLoop io, SelectableChannel channel) throws IOException {
    this.io = io;
    this.channel = channel;
    channel.configureBlocking(false);
    this.registration = io.register(channel, this);
  }

  final SelectableChannel channel() {
    return channel;
  }

  final AbstractEventLoop loop() {
    return io.loop();
  }

  abstract boolean hasDataToSend();

  abstract void dropDataToSend();

  /** Whether the peer has ended, and all that it has sent was read. */
  boolean hasReadAll() {
    return false;
  }

  /** Called by the loop when the channel can be read; maybe once more after the interest ended. */
  abstract void readReady();

  /**
   * A transport is its own callback: every connection has that, and a second object need not be.
   */
  @Override
  public final void run() {
    readReady();
  }

  /** Called by the loop when the channel can be written; maybe once more, as above. */
  abstract void writeReady();

  // --- the beginning

  /** In the next iteration {@code connectionMade}, then reading, then {@code made}'s result. */
  final void beginSoon(@Nullable Future<@Nullable Void> made) {
    unclosed = Unclosed.watch(loop(), this, unclosedKind(), channel);
    loop().callSoon(() -> begin(made));
  }

  /** How it is named and closed if it is dropped. */
  Unclosed.Kind<SelectableChannel> unclosedKind() {
    return KIND;
  }

  private void begin(@Nullable Future<@Nullable Void> made) {
    try {
      getProtocol().connectionMade(this);
    } finally {
      if (phase == Phase.OPEN) {
        started();
      }
      if (made != null && !made.done()) {
        made.setResult(null);
      }
    }
  }

  /** The protocol knows of the transport: reading may begin. */
  void started() {
    watchReading(true);
  }

  final void watchReading(boolean on) {
    registration.reading(on);
  }

  final void watchWriting(boolean on) {
    registration.writing(on ? this::writeReady : null);
  }

  // --- the end

  @Override
  public final boolean isClosing() {
    return phase != Phase.OPEN;
  }

  /** Whether nothing can be sent any more. */
  final boolean isLost() {
    return phase == Phase.LOST || phase == Phase.CLOSED;
  }

  @Override
  public void close() {
    io.checkCaller("transport.close()");
    if (phase != Phase.OPEN) {
      return;
    }
    if (hasDataToSend()) {
      watchReading(false);
      become(Phase.DRAINING);
    } else {
      lose(null);
    }
  }

  /** To be called when the last of the data was sent. */
  final void sentAll() {
    if (!isLost()) {
      watchWriting(false);
      if (phase == Phase.DRAINING) {
        become(Phase.LOST);
        reportLost(null);
      }
    }
  }

  /** Reports what is no ordinary error of a channel, and gives the transport up. */
  void fatal(Throwable exc, String message) {
    if (exc instanceof KeyboardInterrupt interrupt) {
      throw interrupt;
    }
    if (exc instanceof SystemExit exit) {
      throw exit;
    }
    if (!isOrdinary(exc)) {
      loop()
          .callExceptionHandler(
              ExceptionContext.of(message).exception(exc).transport(this).protocol(getProtocol()));
    } else if (loop().getDebug()) {
      LOG.log(System.Logger.Level.DEBUG, this + ": " + message, exc);
    }
    forceClose(exc);
  }

  /** Whether only a debug log shall know of it, since {@code connectionLost} tells the protocol. */
  boolean isOrdinary(Throwable exc) {
    return exc instanceof IOException;
  }

  final void forceClose(@Nullable Throwable exc) {
    if (!isLost()) {
      dropDataToSend();
      lose(exc);
    }
  }

  /** Ends, with {@code connectionLost} in the next iteration. */
  final void lose(@Nullable Throwable exc) {
    become(Phase.LOST);
    if (hasReadAll()) {
      registration.end();
    } else {
      registration.close();
    }
    lost(exc);
    if (loop().isClosed()) {
      release(); // by clean-up code that runs too late for any callback
    } else {
      loop().callSoon(() -> reportLost(exc));
    }
  }

  private void reportLost(@Nullable Throwable exc) {
    become(Phase.CLOSED);
    try {
      getProtocol().connectionLost(exc);
    } finally {
      release();
    }
  }

  /** Nothing can be sent any more; {@code connectionLost} is still to come. */
  void lost(@Nullable Throwable exc) {}

  private void release() {
    if (unclosed != null) {
      unclosed.closed();
    }
    registration.close();
    if (!hasReadAll()) {
      Channels.announceEnd(channel);
    }
    Channels.closeQuietly(channel);
    released();
  }

  /** The channel is closed. */
  void released() {}

  private void become(Phase next) {
    assert next.compareTo(phase) > 0 : phase + " -> " + next;
    phase = next;
  }

  final void warnOfLostWrite(String complaint) {
    if (++lostWrites >= LOST_WRITES_TO_WARN_OF) {
      LOG.log(
          System.Logger.Level.WARNING,
          complaint + ": " + this + " is gone, stop writing after connectionLost()");
    }
  }

  /** The part of {@code toString} that all have. */
  final String state() {
    return phase.toString();
  }

  /** The protocol as the kind that a transport needs. */
  static <T extends BaseProtocol> T checked(
      Class<T> needed, String transport, BaseProtocol protocol) {
    if (needed.isInstance(protocol)) {
      return needed.cast(protocol);
    }
    throw new IllegalArgumentException(
        "a " + transport + " needs a " + needed.getSimpleName() + ", got " + protocol);
  }
}

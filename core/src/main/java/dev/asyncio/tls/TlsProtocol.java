package dev.asyncio.tls;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.Handle;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.TimeoutException;
import dev.asyncio.TlsEofException;
import dev.asyncio.TlsOptions;
import dev.asyncio.net.IoLoop;
import dev.asyncio.net.Layer;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The life of a TLS connection, as the protocol of the transport underneath.
 *
 * <p>Records are encrypted and decrypted on the loop, which takes a microsecond each; what a
 * handshake has to compute is a {@link Computation} elsewhere.
 *
 * <p>An idle connection holds no buffer: records are taken from the buffer that the socket was read
 * into, and bytes and records to send are made in buffers of the loop.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code sslproto.SSLProtocol}.
 */
public final class TlsProtocol implements Protocol, Layer {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /**
   * NEW -> HANDSHAKE -> OPEN -> FLUSHING (closing, with data to send) -> GOODBYE (said; the peer's
   * is awaited) -> DONE. Phases may be skipped; there is no way back.
   */
  private enum Phase {
    NEW,
    HANDSHAKE,
    OPEN,
    FLUSHING,
    GOODBYE,
    DONE
  }

  private final AbstractEventLoop loop;
  private final TlsOptions options;
  private final SSLContext context;
  private final Buffers buffers;
  private final Codec codec;
  private final Program program;
  private final Output output;
  private final Computation computation;
  private final TlsTransport transport;
  private final @Nullable Future<@Nullable Void> shaken; // null where nobody waits for it

  private Phase phase = Phase.NEW;
  private @Nullable Transport below;
  private final Held held = new Held(); // records not decrypted yet
  private @Nullable Handle timeout; // of the handshake, then of the goodbye
  private boolean known; // who is at the other end: the handshake has been done
  private boolean peerEnded; // by its goodbye
  private boolean eof; // the transport below will bring no more
  private @Nullable Throwable failure;

  /**
   * A connection that begins with its {@code connectionMade}.
   *
   * @param program the protocol on top
   * @param connected whether {@code program} had its {@code connectionMade} already
   * @param shaken told when the handshake is done or has failed; may be null
   */
  TlsProtocol(
      IoLoop io,
      Buffers buffers,
      SSLContext context,
      SSLEngine engine,
      TlsOptions options,
      BaseProtocol program,
      boolean connected,
      @Nullable Future<@Nullable Void> shaken) {
    this.loop = io.loop();
    this.buffers = buffers;
    this.context = context;
    this.options = options;
    this.shaken = shaken;
    this.codec = new Codec(engine, buffers, records -> below().write(records));
    this.transport = new TlsTransport(io, this);
    this.program = new Program(loop, transport, program, connected);
    boolean onLoop = Computation.belongsOnLoop(engine, Runtime.getRuntime().availableProcessors());
    this.computation = new Computation(loop, onLoop, this::computed);
    this.output = new Output(codec, this.program, buffers);
  }

  Program program() {
    return program;
  }

  Transport transport() {
    return transport;
  }

  private Transport below() {
    return Objects.requireNonNull(below, "not connected yet");
  }

  // --- the handshake

  @Override
  public void connectionMade(BaseTransport made) {
    below = (Transport) made;
    if (phase != Phase.NEW) {
      below.abort(); // given up before it began
      return;
    }
    become(Phase.HANDSHAKE);
    timeout = loop.callLater(options.handshakeTimeout(), this::handshakeTimedOut);
    try {
      codec.beginHandshake();
    } catch (SSLException exc) {
      fail(exc, "SSL handshake failed");
      return;
    }
    ByteBuffer early = options.alreadyReceived();
    advance(early == null ? NOTHING : early.slice());
  }

  private void handshakeTimedOut() {
    if (phase == Phase.HANDSHAKE) {
      fail(
          new SocketException(
              "SSL handshake is taking longer than "
                  + options.handshakeTimeout().toNanos() / 1e9
                  + " seconds: aborting the connection"),
          "SSL handshake timed out");
    }
  }

  private void compute() throws SSLException {
    if (phase != Phase.HANDSHAKE) {
      throw new SSLException(
          "the peer asked to renegotiate, which is refused; it should connect anew instead");
    }
    computation.start(codec.tasks());
  }

  private void computed(@Nullable Throwable exc) {
    if (phase == Phase.DONE) {
      return;
    }
    if (exc != null) {
      fail(exc, "SSL handshake failed");
      return;
    }
    codec.tasksDone();
    advance(NOTHING);
  }

  private void handshakeDone() {
    stopTimeout();
    become(Phase.OPEN);
    known = true;
    program.made();
    if (shaken != null && !shaken.done()) {
      shaken.setResult(null);
    }
  }

  // --- records in

  @Override
  public void dataReceived(ByteBuffer records) {
    if (phase == Phase.DONE) {
      return;
    }
    advance(records);
  }

  /** Does all that can be done now, with what came first; keeps what is left of it. */
  private void advance(ByteBuffer fresh) {
    if (computation.isUnderWay()) {
      hold(fresh);
      return;
    }
    if (codec.inEngine()) {
      hold(fresh);
      goOnIfInEngine();
      return;
    }
    ByteBuffer bytes = buffers.borrow();
    codec.begin();
    try {
      program.deliverUnread();
      takeIn(fresh, bytes);
      hold(fresh);
      if (phase == Phase.OPEN || phase == Phase.FLUSHING) {
        output.flush();
      }
      noticeEnds();
    } catch (Throwable exc) {
      failOrThrow(exc);
    } finally {
      codec.end();
      buffers.giveBack(bytes);
    }
  }

  private void goOn() {
    if (phase != Phase.DONE) {
      advance(NOTHING);
    }
  }

  private void takeIn(ByteBuffer fresh, ByteBuffer bytes) throws SSLException {
    while (wantsRecords()) {
      ByteBuffer first = held.peek();
      ByteBuffer records = first != null ? first : fresh;
      Codec.Step step = codec.decrypt(records, bytes.clear());
      held.taken();
      if (bytes.flip().hasRemaining() && phase == Phase.OPEN) {
        program.deliver(bytes);
      }
      switch (step) {
        case SHAKEN -> handshakeDone();
        case NEEDS_ROOM -> {}
        case NEEDS_TASKS -> compute();
        case ENDED -> {
          peerEnded = true;
          return;
        }
        case NEEDS_INPUT -> {
          if (records == fresh || !fresh.hasRemaining()) {
            return;
          }
          if (held.size() > 0) {
            held.append(fresh, Codec.missing(records));
          }
        }
      }
    }
  }

  private boolean wantsRecords() {
    boolean unwanted = phase == Phase.OPEN && program.isReadingPaused();
    return phase != Phase.DONE && !computation.isUnderWay() && !peerEnded && !unwanted;
  }

  private void hold(ByteBuffer records) {
    if (phase == Phase.DONE || peerEnded) {
      held.clear();
      return;
    }
    held.append(records, records.remaining());
    held.control(below());
  }

  boolean isReading() {
    return phase.compareTo(Phase.OPEN) <= 0 && !program.isReadingPaused();
  }

  void resumeReading() {
    if (program.isReadingPaused()) {
      program.readingPaused(false);
      loop.callSoon(this::goOn);
    }
  }

  // --- bytes out

  void write(ByteBuffer data) {
    if (isClosing()) {
      data.position(data.limit());
      program.hasMissedTheEnd();
      return;
    }
    try {
      output.write(data, phase == Phase.OPEN);
    } catch (Throwable exc) {
      data.position(data.limit());
      failOrThrow(exc);
    }
    goOnIfInEngine();
  }

  void writeLines(Iterable<ByteBuffer> data) {
    List<ByteBuffer> pieces = new ArrayList<>(); // first, since it may be code that does anything
    data.forEach(pieces::add);
    if (isClosing()) {
      pieces.forEach(piece -> piece.position(piece.limit()));
      program.hasMissedTheEnd();
      return;
    }
    try {
      output.writeLines(pieces, phase == Phase.OPEN);
    } catch (Throwable exc) {
      failOrThrow(exc);
    }
    goOnIfInEngine();
  }

  private void goOnIfInEngine() {
    if (codec.inEngine()) {
      loop.callSoon(this::goOn); // what could not be sent now was kept
    }
  }

  long waitingBytes() {
    return output.size();
  }

  @Override
  public void pauseWriting() {
    output.full(true);
  }

  @Override
  public void resumeWriting() {
    output.full(false);
    goOn();
  }

  // --- the end

  boolean isClosing() {
    return phase.compareTo(Phase.OPEN) > 0;
  }

  void close() {
    if (phase == Phase.OPEN) {
      startGoodbye();
      goOn();
    } else if (phase.compareTo(Phase.OPEN) < 0) {
      abort();
    }
  }

  @Override
  public void closeFromTheTop() {
    if (program.protocol() instanceof Layer above) {
      above.closeFromTheTop();
    } else {
      close();
    }
  }

  private void startGoodbye() {
    become(Phase.FLUSHING);
    program.forgetUnread();
    timeout = loop.callLater(options.shutdownTimeout(), this::goodbyeTimedOut);
  }

  private void goodbyeTimedOut() {
    fail(new TimeoutException("SSL shutdown timed out"), "SSL shutdown timed out");
  }

  void abort() {
    if (phase != Phase.DONE) {
      become(Phase.DONE);
      stopTimeout();
      if (below != null) {
        below.abort();
      }
    }
  }

  /** Whether the program is yet to get something that came before the end. */
  private boolean hasUndelivered() {
    return program.isReadingPaused() && (held.size() > 0 || codec.hasMore() || program.hasUnread());
  }

  private void noticeEnds() throws IOException {
    if (phase == Phase.HANDSHAKE && (eof || peerEnded) && !computation.isUnderWay()) {
      throw new SocketException("Connection reset by peer during the TLS handshake");
    }
    if (phase == Phase.OPEN && (eof || peerEnded) && !hasUndelivered()) {
      if (!peerEnded && !options.suppressRaggedEofs()) {
        throw new TlsEofException(
            "EOF occurred in violation of protocol: "
                + this
                + " ended without close_notify, so data may be missing;"
                + " TlsOptions.suppressRaggedEofs() lets it pass");
      }
      program.ended();
      if (phase == Phase.OPEN) {
        startGoodbye();
        output.flush();
      }
    }
    if (phase == Phase.FLUSHING && output.isEmpty()) {
      become(Phase.GOODBYE);
      codec.closeOutput();
    }
    if (phase == Phase.GOODBYE && (eof || peerEnded)) {
      become(Phase.DONE);
      stopTimeout();
      program.ended();
      loop.callSoon(below()::close);
    }
  }

  @Override
  public boolean eofReceived() {
    eof = true;
    if (phase == Phase.DONE) {
      return false;
    }
    advance(NOTHING);
    return phase != Phase.DONE; // there is something to deliver, to send or to compute
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    stopTimeout();
    boolean inHandshake = phase.compareTo(Phase.OPEN) < 0;
    phase = Phase.DONE;
    output.clear();
    held.clear();
    program.forgetUnread();
    Throwable cause = failure != null ? failure : exc;
    if (cause == null && inHandshake) {
      cause = new SocketException("Connection lost during the TLS handshake");
    }
    program.lost(cause);
    wake(cause);
  }

  private void wake(@Nullable Throwable exc) {
    if (shaken != null && !shaken.done()) {
      shaken.setException(
          exc != null ? exc : new SocketException("Connection lost during the TLS handshake"));
    }
  }

  private void failOrThrow(Throwable exc) {
    switch (exc) {
      case KeyboardInterrupt interrupt -> throw interrupt;
      case SystemExit exit -> throw exit;
      default ->
          fail(
              exc,
              phase == Phase.HANDSHAKE ? "SSL handshake failed" : "Fatal error on SSL protocol");
    }
  }

  /** Gives the connection up: tells the peer, the program, and who waits for the handshake. */
  private void fail(Throwable exc, String message) {
    if (phase == Phase.DONE) {
      return;
    }
    boolean inHandshake = phase == Phase.HANDSHAKE;
    become(Phase.DONE);
    stopTimeout();
    failure = exc;
    if (exc instanceof SSLException && !computation.isUnderWay() && !codec.inEngine()) {
      codec.alert();
    }
    below().abort();
    boolean unheard = inHandshake && shaken == null;
    program.report(exc, message, unheard);
    wake(exc);
  }

  private void stopTimeout() {
    if (timeout != null) {
      timeout.cancel();
      timeout = null;
    }
  }

  private void become(Phase next) {
    assert next.compareTo(phase) > 0 : phase + " -> " + next;
    phase = next;
  }

  // --- facts

  @Nullable Object getExtraInfo(String name) {
    return switch (name) {
      case "sslcontext" -> context;
      case "ssl_object", "peercert", "cipher", "compression" ->
          known ? Facts.of(codec.engine, name) : null;
      default -> below == null ? null : below.getExtraInfo(name);
    };
  }

  @Override
  public String toString() {
    return phase + ", " + output.size() + " bytes to send, over " + below;
  }
}

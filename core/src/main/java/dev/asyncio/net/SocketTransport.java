package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SendfileOptions;
import dev.asyncio.SystemExit;
import dev.asyncio.Unclosed;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.TransportSocket;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connected stream socket as a transport: it asks the socket first and buffers only what the
 * socket does not take, and it reads into the loop's shared buffer, so that an idle connection
 * holds no buffer at all.
 *
 * <p>This class is the connection's life and its sending half; {@link SocketInput} is the receiving
 * half.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * selector_events._SelectorSocketTransport}.
 */
public final class SocketTransport implements Transport {
  private static final System.Logger LOG = System.getLogger("asyncio");

  /** From this many writes on a lost connection on, each is warned of. */
  private static final int LOST_WRITES_TO_WARN_OF = 5;

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

  /** OPEN -> ENDING (the end waits behind buffered data) -> ENDED. */
  private enum Output {
    OPEN,
    ENDING,
    ENDED
  }

  // --- set once
  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final SocketChannel channel;
  private final Registration registration;
  private final @Nullable ListeningServer server;
  private final @Nullable SocketAddress sockname;
  private final @Nullable SocketAddress peername;
  private final Unclosed unclosed;

  // --- loop thread only
  private final SocketInput input;
  private final Outbox outbox;
  private final FlowControl flow;
  private Phase phase = Phase.OPEN;
  private Output output = Output.OPEN;
  private int lostWrites;
  private @Nullable FileSending sending; // while a file has the socket to itself

  private SocketTransport(
      IoLoop io, SocketChannel channel, BaseProtocol protocol, @Nullable ListeningServer server)
      throws IOException {
    this.io = io;
    this.loop = io.loop();
    this.channel = channel;
    this.server = server;
    this.input = new SocketInput(io, this, channel, protocol);
    this.outbox = new Outbox(io, channel);
    this.flow = new FlowControl(loop, this);
    channel.configureBlocking(false);
    this.sockname = channel.getLocalAddress();
    this.peername = channel.getRemoteAddress();
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    this.registration = io.register(channel, input::ready, this::writeReady);
    this.unclosed = watchOver(this, loop, channel);
  }

  private static Unclosed watchOver(
      SocketTransport transport, AbstractEventLoop loop, SocketChannel channel) {
    return Unclosed.watch(
        loop, transport, "transport", channel, () -> Channels.closeQuietly(channel));
  }

  /**
   * Wraps a connected channel, which it then owns. In the next iteration the protocol hears {@code
   * connectionMade}, then reading begins, then {@code made} gets its result.
   *
   * @param server the server that accepted it, or {@code null}
   * @param made told when the connection is in use; may be {@code null}
   * @throws IOException if the channel is closed; the caller then still owns it
   * @throws IllegalArgumentException if the protocol is no stream protocol
   */
  public static SocketTransport start(
      IoLoop io,
      SocketChannel channel,
      BaseProtocol protocol,
      @Nullable ListeningServer server,
      @Nullable Future<@Nullable Void> made)
      throws IOException {
    SocketTransport transport = new SocketTransport(io, channel, protocol, server);
    if (server != null) {
      server.attach(transport);
    }
    transport.loop.callSoon(() -> transport.begin(made));
    return transport;
  }

  private void begin(@Nullable Future<@Nullable Void> made) {
    try {
      input.protocol().connectionMade(this);
    } finally {
      if (phase == Phase.OPEN) {
        input.start();
      }
      if (made != null && !made.done()) {
        made.setResult(null);
      }
    }
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    input.bind(protocol);
  }

  @Override
  public BaseProtocol getProtocol() {
    return input.protocol();
  }

  // --- reading

  /** {@inheritDoc} Differs: after the end of the peer's data CPython goes on saying true. */
  @Override
  public boolean isReading() {
    return phase == Phase.OPEN && input.isOn();
  }

  @Override
  public void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    if (phase == Phase.OPEN) {
      input.pause();
    }
  }

  @Override
  public void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    if (phase == Phase.OPEN) {
      input.resume();
    }
  }

  void watchReading(boolean on) {
    registration.reading(on);
  }

  // --- writing

  @Override
  public void write(ByteBuffer data) {
    io.checkCaller("transport.write()");
    checkWritable("write()");
    if (!data.hasRemaining()) {
      return;
    }
    if (isLost()) {
      data.position(data.limit());
      warnOfLostWrite();
      return;
    }
    try {
      outbox.send(data);
    } catch (Throwable exc) {
      data.position(data.limit());
      fatal(exc, "Fatal write error on socket transport");
      return;
    }
    sendRestWhenWritable();
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> data) {
    io.checkCaller("transport.writeLines()");
    List<ByteBuffer> pieces = new ArrayList<>(); // first, since it may be code that does anything
    data.forEach(pieces::add);
    checkWritable("writeLines()");
    if (isLost()) {
      pieces.forEach(piece -> piece.position(piece.limit()));
      warnOfLostWrite();
      return;
    }
    try {
      outbox.sendGathered(pieces);
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on socket transport");
      return;
    }
    sendRestWhenWritable();
  }

  private void sendRestWhenWritable() {
    if (!outbox.isEmpty()) {
      registration.writing(true);
      flow.grown(outbox.size());
    }
  }

  private void writeReady() {
    if (outbox.isEmpty()) {
      if (sending != null) {
        sending.proceed();
      }
      return; // or aborted by a callback that ran between the poll and this one
    }
    try {
      outbox.flush();
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on socket transport");
      return;
    }
    flow.shrunk(outbox.size()); // may write again, close or abort
    if (outbox.isEmpty() && !isLost()) {
      registration.writing(sending != null);
      if (phase == Phase.DRAINING) {
        become(Phase.LOST);
        reportLost(null);
      } else if (output == Output.ENDING) {
        shutDownOutput();
      }
    }
  }

  @Override
  public boolean canWriteEof() {
    return true;
  }

  @Override
  public void writeEof() {
    io.checkCaller("transport.writeEof()");
    if (phase != Phase.OPEN || output != Output.OPEN) {
      return;
    }
    checkNoFileUnderWay();
    output = Output.ENDING;
    if (outbox.isEmpty()) {
      shutDownOutput();
    }
  }

  private void shutDownOutput() {
    output = Output.ENDED;
    try {
      channel.shutdownOutput();
    } catch (IOException exc) {
      fatal(exc, "Fatal error on ending the output of a socket transport");
    }
  }

  private void checkWritable(String call) {
    checkNoFileUnderWay();
    if (output != Output.OPEN) {
      throw new IllegalStateException("Cannot call " + call + " after writeEof()");
    }
  }

  private void checkNoFileUnderWay() {
    if (sending != null) {
      throw new IllegalStateException(
          "unable to write; sendfile is in progress: await loop.sendfile(…) before writing on");
    }
  }

  private void warnOfLostWrite() {
    if (++lostWrites >= LOST_WRITES_TO_WARN_OF) {
      LOG.log(
          System.Logger.Level.WARNING,
          "socket.send() raised exception: {0} is gone, stop writing after connectionLost()",
          this);
    }
  }

  /**
   * Sends a part of a file without copying it through this process, after what is buffered. Until
   * then nothing else can be written, and nothing is read. Inside a coroutine.
   *
   * <p><b>Cancellation:</b> leaves a part of it sent.
   *
   * @return how many bytes were sent
   * @throws IOException what the connection was lost with, or the file could not be read with
   */
  long sendfile(FileChannel file, SendfileOptions part) throws IOException {
    checkWritable("sendfile()");
    var now = new FileSending(loop.createFuture(), channel, file, part);
    boolean reading = isReading();
    pauseReading();
    sending = now;
    try {
      if (outbox.isEmpty()) {
        now.proceed();
      }
      registration.writing(!outbox.isEmpty() || !now.isDone());
      return now.await();
    } finally {
      sending = null;
      registration.writing(!outbox.isEmpty() && !isLost());
      if (reading) {
        resumeReading();
      }
    }
  }

  @Override
  public long getWriteBufferSize() {
    return outbox.size();
  }

  @Override
  public WriteBufferLimits getWriteBufferLimits() {
    return flow.limits();
  }

  @Override
  public void setWriteBufferLimits(WriteBufferLimits limits) {
    io.checkCaller("transport.setWriteBufferLimits()");
    flow.limits(limits, outbox.size());
  }

  // --- the end

  @Override
  public boolean isClosing() {
    return phase != Phase.OPEN;
  }

  private boolean isLost() {
    return phase == Phase.LOST || phase == Phase.CLOSED;
  }

  @Override
  public void close() {
    io.checkCaller("transport.close()");
    if (phase != Phase.OPEN) {
      return;
    }
    registration.reading(false);
    if (outbox.isEmpty()) {
      lose(null);
    } else {
      become(Phase.DRAINING);
    }
  }

  @Override
  public void abort() {
    io.checkCaller("transport.abort()");
    forceClose(null);
  }

  /** Reports what is no ordinary network error, and gives the connection up. */
  void fatal(Throwable exc, String message) {
    if (exc instanceof KeyboardInterrupt interrupt) {
      throw interrupt;
    }
    if (exc instanceof SystemExit exit) {
      throw exit;
    }
    if (!(exc instanceof IOException)) {
      loop.callExceptionHandler(
          ExceptionContext.of(message).exception(exc).transport(this).protocol(input.protocol()));
    } else if (loop.getDebug()) {
      LOG.log(System.Logger.Level.DEBUG, this + ": " + message, exc);
    }
    forceClose(exc);
  }

  private void forceClose(@Nullable Throwable exc) {
    if (!isLost()) {
      outbox.clear();
      registration.reading(false);
      registration.writing(false);
      lose(exc);
    }
  }

  private void lose(@Nullable Throwable exc) {
    become(Phase.LOST);
    if (sending != null) {
      sending.fail(exc != null ? exc : new SocketException("Connection is closed by peer"));
    }
    if (loop.isClosed()) {
      release(); // by clean-up code that runs too late for any callback
    } else {
      loop.callSoon(() -> reportLost(exc));
    }
  }

  private void reportLost(@Nullable Throwable exc) {
    become(Phase.CLOSED);
    try {
      input.protocol().connectionLost(exc);
    } finally {
      release();
    }
  }

  private void release() {
    unclosed.closed();
    registration.close();
    Channels.closeQuietly(channel);
    if (server != null) {
      server.detach(this);
    }
  }

  private void become(Phase next) {
    assert next.compareTo(phase) > 0 : phase + " -> " + next;
    phase = next;
  }

  // --- facts

  @Override
  public @Nullable Object getExtraInfo(String name) {
    return switch (name) {
      case "peername" -> peername;
      case "sockname" -> sockname;
      case "socket" -> new TransportSocket(channel);
      default -> null;
    };
  }

  @Override
  public String toString() {
    return String.format(
        "SocketTransport[%s -> %s, %s, %s, output %s, %d bytes to send]",
        sockname, peername, phase, input, output, outbox.size());
  }
}

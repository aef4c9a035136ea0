package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.TransportSocket;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connected stream socket as a transport: it asks the socket first and buffers only what the
 * socket does not take, and it reads into the loop's shared buffer, so that an idle connection
 * holds no buffer at all.
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

  /** STARTING until connectionMade returned; READING and PAUSED alternate; ENDED by the peer. */
  private enum Input {
    STARTING,
    READING,
    PAUSED,
    ENDED
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

  // --- loop thread only
  private final WriteBuffer buffer = new WriteBuffer();
  private final FlowControl flow;
  private Phase phase = Phase.OPEN;
  private Input input = Input.STARTING;
  private Output output = Output.OPEN;
  private int lostWrites;
  // Invariant: exactly one of streaming and buffered is set, and is the protocol.
  private BaseProtocol protocol;
  private @Nullable Protocol streaming;
  private @Nullable BufferedProtocol buffered;

  private SocketTransport(
      IoLoop io, SocketChannel channel, BaseProtocol protocol, @Nullable ListeningServer server)
      throws IOException {
    this.io = io;
    this.loop = io.loop();
    this.channel = channel;
    this.server = server;
    this.flow = new FlowControl(loop, this);
    this.protocol = protocol;
    bind(protocol);
    channel.configureBlocking(false);
    this.sockname = channel.getLocalAddress();
    this.peername = channel.getRemoteAddress();
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    this.registration = io.register(channel, this::readReady, this::writeReady);
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
      protocol.connectionMade(this);
    } finally {
      if (input == Input.STARTING && phase == Phase.OPEN) {
        startReading();
      }
      if (made != null && !made.cancelled()) {
        made.setResult(null);
      }
    }
  }

  // --- protocol

  @Override
  public void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    bind(protocol);
    this.protocol = protocol;
  }

  @Override
  public BaseProtocol getProtocol() {
    return protocol;
  }

  private void bind(BaseProtocol protocol) {
    switch (Objects.requireNonNull(protocol, "protocol")) {
      case Protocol taken -> {
        streaming = taken;
        buffered = null;
      }
      case BufferedProtocol taken -> {
        streaming = null;
        buffered = taken;
      }
      default ->
          throw new IllegalArgumentException(
              "a stream transport needs a Protocol or a BufferedProtocol, got " + protocol);
    }
  }

  // --- reading

  @Override
  public boolean isReading() {
    return phase == Phase.OPEN && (input == Input.READING || input == Input.STARTING);
  }

  @Override
  public void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    if (isReading()) {
      input = Input.PAUSED;
      registration.reading(false);
    }
  }

  @Override
  public void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    if (phase == Phase.OPEN && input == Input.PAUSED) {
      startReading();
    }
  }

  private void startReading() {
    input = Input.READING;
    registration.reading(true);
  }

  private void readReady() {
    if (phase != Phase.OPEN || input != Input.READING) {
      return; // paused or closed by a callback that ran between the poll and this one
    }
    if (streaming != null) {
      readInto(streaming);
    } else if (buffered != null) {
      readInto(buffered);
    }
  }

  private void readInto(Protocol target) {
    ByteBuffer data = io.readBuffer().clear().order(ByteOrder.BIG_ENDIAN);
    int count = receive(data);
    if (count > 0) {
      try {
        target.dataReceived(data.flip());
      } catch (Throwable exc) {
        fatal(exc, "Fatal error: protocol.data_received() call failed.");
      }
    } else if (count < 0) {
      endOfInput();
    }
  }

  private void readInto(BufferedProtocol target) {
    ByteBuffer data;
    try {
      data = target.getBuffer(-1);
      if (!data.hasRemaining()) {
        throw new IllegalStateException("getBuffer() returned an empty buffer");
      }
    } catch (Throwable exc) {
      fatal(exc, "Fatal error: protocol.get_buffer() call failed.");
      return;
    }
    int count = receive(data);
    if (count > 0) {
      try {
        target.bufferUpdated(count);
      } catch (Throwable exc) {
        fatal(exc, "Fatal error: protocol.buffer_updated() call failed.");
      }
    } else if (count < 0) {
      endOfInput();
    }
  }

  /** Returns the number of bytes read, 0 for none, including after an error, -1 at the end. */
  private int receive(ByteBuffer into) {
    try {
      return channel.read(into);
    } catch (Throwable exc) {
      fatal(exc, "Fatal read error on socket transport");
      return 0;
    }
  }

  private void endOfInput() {
    input = Input.ENDED;
    registration.reading(false);
    boolean keepOpen;
    try {
      keepOpen = streaming != null ? streaming.eofReceived() : eofOf(buffered);
    } catch (Throwable exc) {
      fatal(exc, "Fatal error: protocol.eof_received() call failed.");
      return;
    }
    if (!keepOpen) {
      close();
    }
  }

  private static boolean eofOf(@Nullable BufferedProtocol target) {
    return target != null && target.eofReceived();
  }

  // --- writing

  @Override
  public void write(ByteBuffer data) {
    io.checkCaller("transport.write()");
    checkNotEnded("write()");
    if (!data.hasRemaining()) {
      return;
    }
    if (isLost()) {
      data.position(data.limit());
      warnOfLostWrite();
      return;
    }
    if (buffer.isEmpty()) {
      try {
        send(data);
      } catch (Throwable exc) {
        data.position(data.limit());
        fatal(exc, "Fatal write error on socket transport");
        return;
      }
      if (!data.hasRemaining()) {
        return;
      }
      registration.writing(true);
    }
    buffer.append(data);
    flow.grown(buffer.size());
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> data) {
    io.checkCaller("transport.writeLines()");
    checkNotEnded("writeLines()");
    if (isLost()) {
      warnOfLostWrite();
      return;
    }
    boolean waits = !buffer.isEmpty();
    for (ByteBuffer piece : data) {
      if (piece.hasRemaining()) {
        buffer.append(piece);
      }
    }
    if (!waits && !buffer.isEmpty()) {
      flush();
      registration.writing(!buffer.isEmpty());
    }
    flow.grown(buffer.size());
  }

  /** Asks the socket to take the data; what remains in the buffer it did not take. */
  private void send(ByteBuffer data) throws IOException {
    if (data.isDirect()) {
      channel.write(data);
      return;
    }
    ByteBuffer direct = io.sendBuffer();
    int taken;
    do {
      int count = Math.min(data.remaining(), direct.capacity());
      direct.clear().put(0, data, data.position(), count).limit(count);
      taken = channel.write(direct);
      data.position(data.position() + taken);
    } while (taken == direct.capacity() && data.hasRemaining());
  }

  private void writeReady() {
    if (buffer.isEmpty()) {
      return; // aborted by a callback that ran between the poll and this one
    }
    flush();
    if (isLost()) {
      return;
    }
    flow.shrunk(buffer.size()); // may write again, close or abort
    if (buffer.isEmpty() && !isLost()) {
      registration.writing(false);
      if (phase == Phase.DRAINING) {
        become(Phase.LOST);
        reportLost(null);
      } else if (output == Output.ENDING) {
        shutDownOutput();
      }
    }
  }

  /** Sends from the buffer until the socket takes no more, or it is empty. */
  private void flush() {
    ByteBuffer direct = io.sendBuffer();
    try {
      do {
        buffer.copyTo(direct.clear());
        buffer.consume(channel.write(direct.flip()));
      } while (!direct.hasRemaining() && !buffer.isEmpty());
    } catch (Throwable exc) {
      fatal(exc, "Fatal write error on socket transport");
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
    output = Output.ENDING;
    if (buffer.isEmpty()) {
      shutDownOutput();
    }
  }

  private void shutDownOutput() {
    output = Output.ENDED;
    try {
      channel.shutdownOutput();
    } catch (IOException exc) {
      fatal(exc, "Fatal error on shutting down the sending half of a socket transport");
    }
  }

  private void checkNotEnded(String call) {
    if (output != Output.OPEN) {
      throw new IllegalStateException("Cannot call " + call + " after writeEof()");
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

  @Override
  public long getWriteBufferSize() {
    return buffer.size();
  }

  @Override
  public WriteBufferLimits getWriteBufferLimits() {
    return flow.limits();
  }

  @Override
  public void setWriteBufferLimits(WriteBufferLimits limits) {
    io.checkCaller("transport.setWriteBufferLimits()");
    flow.limits(limits, buffer.size());
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
    if (buffer.isEmpty()) {
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
  private void fatal(Throwable exc, String message) {
    if (exc instanceof KeyboardInterrupt interrupt) {
      throw interrupt;
    }
    if (exc instanceof SystemExit exit) {
      throw exit;
    }
    if (!(exc instanceof IOException)) {
      loop.callExceptionHandler(
          ExceptionContext.of(message)
              .exception(exc)
              .transport(this)
              .protocol(protocol));
    } else if (loop.getDebug()) {
      LOG.log(System.Logger.Level.DEBUG, this + ": " + message, exc);
    }
    forceClose(exc);
  }

  private void forceClose(@Nullable Throwable exc) {
    if (!isLost()) {
      buffer.clear();
      registration.reading(false);
      registration.writing(false);
      lose(exc);
    }
  }

  private void lose(@Nullable Throwable exc) {
    become(Phase.LOST);
    loop.callSoon(() -> reportLost(exc));
  }

  private void reportLost(@Nullable Throwable exc) {
    become(Phase.CLOSED);
    try {
      protocol.connectionLost(exc);
    } finally {
      registration.close();
      Channels.closeQuietly(channel);
      if (server != null) {
        server.detach(this);
      }
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
    return "SocketTransport["
        + sockname
        + " -> "
        + peername
        + ", "
        + phase
        + ", input "
        + input
        + ", output "
        + output
        + ", "
        + buffer.size()
        + " bytes to send]";
  }
}

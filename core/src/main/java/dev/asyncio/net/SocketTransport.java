package dev.asyncio.net;

import dev.asyncio.Future;
import dev.asyncio.SendfileOptions;
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
public final class SocketTransport extends ChannelTransport implements Transport {
  /** OPEN -> ENDING (the end waits behind buffered data) -> ENDED. */
  private enum Output {
    OPEN,
    ENDING,
    ENDED
  }

  // --- set once
  private final SocketChannel channel;
  private final @Nullable ListeningServer server;
  private final @Nullable SocketAddress sockname;
  private final @Nullable SocketAddress peername;

  // --- loop thread only
  private final SocketInput input;
  private final Outbox outbox;
  private final FlowControl flow;
  private Output output = Output.OPEN;
  private @Nullable FileSending sending; // while a file has the socket to itself

  private SocketTransport(
      IoLoop io, SocketChannel channel, BaseProtocol protocol, @Nullable ListeningServer server)
      throws IOException {
    super(io, channel);
    this.channel = channel;
    this.server = server;
    this.input = new SocketInput(io, this, channel, protocol);
    this.outbox = new Outbox(io, channel);
    this.flow = new FlowControl(loop, this);
    this.sockname = channel.getLocalAddress();
    this.peername = channel.getRemoteAddress();
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
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
    SocketInput.check(protocol); // before anything is registered
    SocketTransport transport = new SocketTransport(io, channel, protocol, server);
    if (server != null) {
      server.attach(transport);
    }
    transport.beginSoon(made);
    return transport;
  }

  @Override
  void started() {
    input.start();
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
    return !isClosing() && input.isOn();
  }

  @Override
  public void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    if (!isClosing()) {
      input.pause();
    }
  }

  @Override
  public void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    if (!isClosing()) {
      input.resume();
    }
  }

  @Override
  void readReady() {
    input.ready();
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
      warnOfLostWrite("socket.send() raised exception");
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
      warnOfLostWrite("socket.send() raised exception");
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
      watchWriting(true);
      flow.grown(outbox.size());
    }
  }

  @Override
  void writeReady() {
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
    if (outbox.isEmpty()) {
      sentAll();
      if (!isLost()) {
        watchWriting(sending != null);
        if (output == Output.ENDING) {
          shutDownOutput();
        }
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
    if (isClosing() || output != Output.OPEN) {
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
      watchWriting(!outbox.isEmpty() || !now.isDone());
      return now.await();
    } finally {
      sending = null;
      watchWriting(!outbox.isEmpty() && !isLost());
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
  public void abort() {
    io.checkCaller("transport.abort()");
    forceClose(null);
  }

  @Override
  boolean hasDataToSend() {
    return !outbox.isEmpty();
  }

  @Override
  void dropDataToSend() {
    outbox.clear();
  }

  @Override
  void lost(@Nullable Throwable exc) {
    if (sending != null) {
      sending.fail(exc != null ? exc : new SocketException("Connection is closed by peer"));
    }
  }

  @Override
  void released() {
    if (server != null) {
      server.detach(this);
    }
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
        sockname, peername, state(), input, output, outbox.size());
  }
}

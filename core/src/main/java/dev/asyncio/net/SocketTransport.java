package dev.asyncio.net;

import dev.asyncio.Future;
import dev.asyncio.SendfileOptions;
import dev.asyncio.Unclosed;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connected stream socket as a transport. It reads into the loop's shared buffer, so that an idle
 * connection holds no buffer at all.
 *
 * <p>{@link ReceivingTransport} is its receiving half, {@link SendingTransport} its sending half,
 * {@link ChannelTransport} its life; here is what a socket alone has: ends of its own for both
 * directions, a server, files.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * selector_events._SelectorSocketTransport}.
 */
public final class SocketTransport extends ReceivingTransport {
  private static final String LOST = "socket.send() raised exception";

  /** OPEN -> ENDING (the end waits behind buffered data) -> ENDED. */
  private enum Output {
    OPEN,
    ENDING,
    ENDED
  }

  // --- set once
  private final @Nullable AcceptingServer server;
  private final @Nullable SocketAddress sockname;
  private final @Nullable SocketAddress peername;

  // --- loop thread only
  private Output output = Output.OPEN;
  private @Nullable FileSending sending; // while a file has the socket to itself

  private SocketTransport(
      IoLoop io, SocketChannel channel, BaseProtocol protocol, @Nullable AcceptingServer server)
      throws IOException {
    super(io, channel, protocol);
    this.server = server;
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
      @Nullable AcceptingServer server,
      @Nullable Future<@Nullable Void> made)
      throws IOException {
    check(protocol); // before anything is registered
    SocketTransport transport = new SocketTransport(io, channel, protocol, server);
    if (server != null) {
      server.attached();
    }
    transport.beginSoon(made);
    return transport;
  }

  boolean isOf(AcceptingServer accepted) {
    return server == accepted;
  }

  @Override
  String kind() {
    return "socket transport";
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
      drop(data);
      warnOfLostWrite(LOST);
      return;
    }
    send(data);
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> data) {
    io.checkCaller("transport.writeLines()");
    List<ByteBuffer> pieces = piecesOf(data);
    checkWritable("writeLines()");
    if (isLost()) {
      pieces.forEach(SendingTransport::drop);
      warnOfLostWrite(LOST);
      return;
    }
    send(pieces);
  }

  @Override
  void writableWithoutData() {
    if (sending != null) {
      sending.proceed();
    }
  }

  @Override
  void ranEmpty() {
    watchWriting(sending != null);
    if (output == Output.ENDING) {
      shutDownOutput();
    }
  }

  @Override
  public void writeEof() {
    io.checkCaller("transport.writeEof()");
    if (isClosing() || output != Output.OPEN) {
      return;
    }
    checkNoFileUnderWay();
    output = Output.ENDING;
    if (!hasDataToSend()) {
      shutDownOutput();
    }
  }

  private void shutDownOutput() {
    output = Output.ENDED;
    try {
      socket().shutdownOutput();
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
    var now = new FileSending(loop().createFuture(), socket(), file, part);
    boolean reading = isReading();
    pauseReading();
    sending = now;
    try {
      if (!hasDataToSend()) {
        now.proceed();
      }
      watchWriting(hasDataToSend() || !now.isDone());
      return now.await();
    } finally {
      sending = null;
      watchWriting(hasDataToSend() && !isLost());
      if (reading) {
        resumeReading();
      }
    }
  }

  // --- the end

  @Override
  Unclosed.Kind<SelectableChannel> unclosedKind() {
    return server == null ? super.unclosedKind() : server.clientKind();
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
      server.detached();
    }
  }

  // --- facts

  @Override
  public @Nullable Object getExtraInfo(String name) {
    return switch (name) {
      case "peername" -> peername;
      case "sockname" -> sockname;
      case "socket" -> new TransportSocket(socket());
      default -> null;
    };
  }

  @Override
  public String toString() {
    return String.format(
        "SocketTransport[%s -> %s, %s, %s, output %s, %d bytes to send]",
        sockname, peername, state(), inputState(), output, getWriteBufferSize());
  }
}

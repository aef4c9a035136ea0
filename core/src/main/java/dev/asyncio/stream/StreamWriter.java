package dev.asyncio.stream;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.TlsOptions;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The sending side of a stream: writes never block, and {@link #drain()} suspends while the peer is
 * too slow.
 *
 * {@snippet :
 * writer.write(data);
 * await(writer.drain());
 * }
 *
 * <p>One that is dropped without {@link #close()}, and with its reader, is closed when it has
 * become garbage, which debug mode warns of.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.StreamWriter}.
 */
public final class StreamWriter implements AutoCloseable {
  private WriteTransport transport; // another one after startTls
  private final FlowControlProtocol protocol;
  private final @Nullable StreamReader reader;

  /**
   * A writer for a transport that came about in another way; {@code openConnection} and {@code
   * startServer} make the usual ones.
   *
   * @param protocol the transport's protocol
   * @param reader the other direction, whose error {@link #drain()} throws; {@code null} if there
   *     is none
   */
  public StreamWriter(
      WriteTransport transport, FlowControlProtocol protocol, @Nullable StreamReader reader) {
    this.transport = transport;
    this.protocol = protocol;
    this.reader = reader;
    if (reader != null) {
      reader.keep(this);
    }
    protocol.watchOver(reader != null ? reader : this, transport);
  }

  /** The other direction, if there is one. */
  @Nullable StreamReader reader() {
    return reader;
  }

  /** The transport underneath. */
  public WriteTransport transport() {
    return transport;
  }

  /**
   * Sends the bytes now as far as the system takes them, and buffers a copy of the rest. Follow it
   * with {@link #drain()}: without, a peer that does not read makes the buffer grow without bound.
   *
   * @throws IllegalStateException after {@link #writeEof()}
   */
  public void write(byte[] data) {
    transport.write(ByteBuffer.wrap(data));
  }

  /** As {@link #write(byte[])}, with the part of an array. */
  public void write(byte[] data, int offset, int length) {
    transport.write(ByteBuffer.wrap(data, offset, length));
  }

  /** As {@link #write(byte[])}, with what remains in a buffer, which is consumed. */
  public void write(ByteBuffer data) {
    transport.write(data);
  }

  /** Sends several chunks in order, gathered into as few system calls as they fit in. */
  public void writeLines(Iterable<byte[]> data) {
    List<ByteBuffer> buffers = new ArrayList<>();
    data.forEach(chunk -> buffers.add(ByteBuffer.wrap(chunk)));
    transport.writeLines(buffers);
  }

  /** Whether the transport can close the sending half alone. */
  public boolean canWriteEof() {
    return transport.canWriteEof();
  }

  /** Closes the sending half after what is buffered; reading goes on. */
  public void writeEof() {
    transport.writeEof();
  }

  /**
   * Waits while more is buffered than the transport's high mark, until it has shrunk to the low
   * one. Any number of tasks may wait.
   *
   * <p><b>Order and cost:</b> usually does not suspend. On a closing transport it lets the loop run
   * once, so that a loop of writes notices that the connection is gone.
   *
   * <p><b>Cancellation:</b> stops this waiting only; what was written stays written.
   *
   * <p><b>Errors:</b> the exception that the connection was lost with; {@link
   * java.net.SocketException} "Connection lost" if it is gone without one.
   */
  @CheckReturnValue
  public Coroutine<@Nullable Void> drain() {
    return Coroutine.of(this::drainNow);
  }

  private void drainNow() throws IOException {
    if (reader != null) {
      Throwable exc = reader.exception();
      if (exc != null) {
        throw Broken.unchecked(exc);
      }
    }
    if (transport.isClosing()) {
      FlowControlProtocol.yieldOnce();
    }
    protocol.drainNow(transport);
  }

  /** As {@link #startTls(SSLContext, TlsOptions)}, with the default options. */
  @CheckReturnValue
  public Coroutine<@Nullable Void> startTls(SSLContext sslcontext) {
    return startTls(sslcontext, TlsOptions.defaults());
  }

  /**
   * Sends what is buffered, then upgrades this connection to TLS in place; reader and writer go on
   * with it. This end is the server if it accepted the connection, else a client, which verifies
   * that the server is {@code options.serverHostname()}.
   *
   * <p>What the peer has sent and nobody has read is taken for the beginning of its TLS.
   *
   * <p><b>Cancellation:</b> aborts the connection.
   *
   * <p><b>Errors:</b> those of {@code loop.startTls}.
   */
  @CheckReturnValue
  public Coroutine<@Nullable Void> startTls(SSLContext sslcontext, TlsOptions options) {
    return Coroutine.of(() -> startTlsNow(sslcontext, options));
  }

  private void startTlsNow(SSLContext sslcontext, TlsOptions options) throws IOException {
    if (!(protocol instanceof StreamReaderProtocol stream)
        || !(transport instanceof Transport both)) {
      throw new IllegalArgumentException(
          "startTls() needs a stream in both directions, this is " + this);
    }
    drainNow();
    TlsOptions sided =
        options
            .serverSide(options.serverSide() || stream.isServerSide())
            .alreadyReceived(ByteBuffer.wrap(stream.takeUnread()));
    Transport secured =
        AbstractEventLoop.running().startTls(both, stream, sslcontext, sided).await();
    transport = secured;
    stream.replaceTransport(secured);
  }

  /** Closes the connection after what is buffered. Follow it with {@link #waitClosed()}. */
  @Override
  public void close() {
    transport.close();
  }

  /** Whether closing has begun. */
  public boolean isClosing() {
    return transport.isClosing();
  }

  /**
   * Waits until the connection is really gone.
   *
   * <p><b>Cancellation:</b> stops this waiting only. Differs: in CPython it ends every other
   * waiting for the same connection too.
   *
   * <p><b>Errors:</b> the exception that the connection was lost with.
   */
  @CheckReturnValue
  public Coroutine<@Nullable Void> waitClosed() {
    return Coroutine.of(protocol::waitClosedNow);
  }

  /** A detail of the transport, such as {@code "peername"}; {@code null} if it has none. */
  public @Nullable Object getExtraInfo(String name) {
    return transport.getExtraInfo(name);
  }

  /** As {@link #getExtraInfo(String)}, cast to what the caller expects. */
  public <T> @Nullable T getExtraInfo(String name, Class<T> type) {
    return transport.getExtraInfo(name, type);
  }

  @Override
  public String toString() {
    return "StreamWriter[" + transport + (reader != null ? ", " + reader : "") + "]";
  }
}

package dev.asyncio.stream;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.Task;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The protocol that feeds a {@link StreamReader}. Used directly to make a stream of a transport
 * that came about in another way, such as a pipe.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.StreamReaderProtocol}.
 */
public final class StreamReaderProtocol extends FlowControlProtocol implements Protocol {
  private final StreamReader reader;
  private final @Nullable ClientConnected clientConnected;
  private @Nullable BaseTransport transport; // null before and after the connection

  /** A protocol that feeds {@code reader}. */
  public StreamReaderProtocol(StreamReader reader) {
    this(reader, null);
  }

  /**
   * A protocol that feeds {@code reader} and, once connected, starts a task that runs {@code
   * clientConnected}.
   */
  public StreamReaderProtocol(StreamReader reader, @Nullable ClientConnected clientConnected) {
    this.reader = reader;
    this.clientConnected = clientConnected;
  }

  @Override
  public void connectionMade(BaseTransport transport) {
    this.transport = transport;
    if (transport instanceof ReadTransport source) {
      reader.setTransport(source);
    }
    if (clientConnected != null) {
      startHandler(clientConnected, (WriteTransport) transport);
    }
  }

  // --- the upgrade to TLS

  /** Whether this end accepted the connection. */
  boolean isServerSide() {
    return clientConnected != null;
  }

  /** What was received and not read. */
  byte[] takeUnread() {
    return reader.takeUnread();
  }

  void replaceTransport(Transport secured) {
    if (transport != null) { // else it was lost in the last moment
      transport = secured;
      reader.replaceTransport(secured);
    }
  }

  private void startHandler(ClientConnected handler, WriteTransport transport) {
    AbstractEventLoop loop = AbstractEventLoop.running();
    var writer = new StreamWriter(transport, this, reader);
    Task<@Nullable Void> task = loop.createTask(Coroutine.of(() -> handler.handle(reader, writer)));
    task.addDoneCallback(ended -> handled(ended, loop, transport));
  }

  private void handled(
      Future<@Nullable Void> handler, AbstractEventLoop loop, WriteTransport transport) {
    if (handler.cancelled()) {
      transport.close();
      return;
    }
    Throwable exc = handler.exception();
    if (exc != null) {
      loop.callExceptionHandler(
          ExceptionContext.of("Unhandled exception in client_connected_cb")
              .exception(exc)
              .transport(transport));
      transport.close();
    }
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    reader.feedData(data);
  }

  /** Feeds the end of the stream; the sending half stays open, except under TLS. */
  @Override
  public boolean eofReceived() {
    reader.feedEof();
    boolean overTls = transport != null && transport.getExtraInfo("sslcontext") != null;
    return !overTls;
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    if (exc == null) {
      reader.feedEof();
    } else {
      reader.setException(exc);
    }
    super.connectionLost(exc);
    transport = null;
  }

  @Override
  public String toString() {
    return "StreamReaderProtocol[" + transport + "]";
  }
}

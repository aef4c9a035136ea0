package dev.asyncio.stream;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.BufferedProtocol;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The protocol that feeds a {@link StreamReader}. Used directly to make a stream of a transport
 * that came about in another way, such as a pipe. It does not hold the reader, unless it is that of
 * a connection whose handler has not begun: whoever reads does. A client's connection whose reader
 * was dropped before it was made is aborted and reported.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.StreamReaderProtocol}.
 */
public final class StreamReaderProtocol extends FlowControlProtocol
    implements Protocol, BufferedProtocol {
  private WeakReference<?> reader; // whoever reads has it
  private @Nullable StreamReader ofHandler; // nobody has it until the handler runs
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
    this.reader = new WeakReference<>(reader);
    this.ofHandler = clientConnected == null ? null : reader;
    this.clientConnected = clientConnected;
  }

  @Override
  public void connectionMade(BaseTransport transport) {
    this.transport = transport;
    StreamReader target = ofHandler != null ? ofHandler : reader();
    if (target == null) {
      reject(transport);
      return;
    }
    if (transport instanceof ReadTransport source) {
      target.setTransport(source);
    }
    if (clientConnected != null) {
      var sink = (WriteTransport) transport;
      Serving.start(clientConnected, new StreamWriter(sink, this, target), sink);
    }
    ofHandler = null;
  }

  private @Nullable StreamReader reader() {
    return (StreamReader) reader.get();
  }

  /** A watch over the reader is a weak reference like any other: a second one need not be. */
  @Override
  void watchedBy(WeakReference<?> watch) {
    StreamReader ours = reader();
    reader = ours != null && watch.get() == ours ? watch : new WeakReference<>(ours);
  }

  private static void reject(BaseTransport transport) {
    AbstractEventLoop.running()
        .callExceptionHandler(
            ExceptionContext.of(
                    "An open stream was garbage collected prior to establishing network"
                        + " connection; call \"stream.close()\" explicitly.")
                .transport(transport));
    if (transport instanceof WriteTransport writing) {
      writing.abort();
    } else {
      transport.close();
    }
  }

  // --- the upgrade to TLS

  /** Whether this end accepted the connection. */
  boolean isServerSide() {
    return clientConnected != null;
  }

  /** What was received and not read. */
  byte[] takeUnread() {
    StreamReader source = reader();
    return source == null ? ReadBuffer.NONE : source.takeUnread();
  }

  void replaceTransport(Transport secured) {
    if (transport == null) {
      return; // it was lost in the last moment
    }
    transport = secured;
    StreamReader target = reader();
    if (target != null) {
      target.replaceTransport(secured);
    }
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    StreamReader target = reader();
    if (target != null) {
      target.feedData(data);
    }
  }

  /** The buffer of a read that waits with one of its own; else {@link #dataReceived} is called. */
  @Override
  public ByteBuffer getBuffer(int sizeHint) {
    StreamReader target = reader();
    return target == null ? StreamReader.NO_ROOM : target.room();
  }

  @Override
  public void bufferUpdated(int count) {
    StreamReader target = reader();
    if (target != null) {
      target.filled(count);
    }
  }

  /** Feeds the end of the stream; the sending half stays open, except under TLS. */
  @Override
  public boolean eofReceived() {
    StreamReader target = reader();
    if (target != null) {
      target.feedEof();
    }
    boolean overTls = transport != null && transport.getExtraInfo("sslcontext") != null;
    return !overTls;
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    StreamReader target = reader();
    if (target != null) {
      if (exc == null) {
        target.feedEof();
      } else {
        target.setException(exc);
      }
    }
    super.connectionLost(exc);
    transport = null;
  }

  @Override
  public String toString() {
    return "StreamReaderProtocol[" + transport + "]";
  }
}

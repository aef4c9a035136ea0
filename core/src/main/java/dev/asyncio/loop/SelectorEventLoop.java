package dev.asyncio.loop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Clock;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Context;
import dev.asyncio.Coroutine;
import dev.asyncio.DatagramOptions;
import dev.asyncio.EngineKind;
import dev.asyncio.Handle;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.net.Binder;
import dev.asyncio.net.Connector;
import dev.asyncio.net.DatagramEndpoints;
import dev.asyncio.net.IoLoop;
import dev.asyncio.net.Pipes;
import dev.asyncio.net.Registration;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The loop that programs run on: I/O by readiness, on the JDK's {@link java.nio.channels.Selector}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.SelectorEventLoop}.
 */
public final class SelectorEventLoop extends BaseEventLoop {

  private final Poller poller;
  private final IoLoop io = new Io();

  // Both buffers are made when the first socket needs them.
  private @Nullable ByteBuffer readBuffer;
  private @Nullable ByteBuffer sendBuffer;

  /** A loop on the system's clock, on the engine that the environment chooses. */
  public SelectorEventLoop() {
    this(null, null);
  }

  /**
   * A loop.
   *
   * @param engineKind the engine; null for what {@code -Dasyncio.engine} says, else the carried one
   *     where it can be had
   * @param clock its time; null for the system's
   * @throws IllegalStateException if an engine is asked for that this JVM cannot give
   */
  public SelectorEventLoop(@Nullable EngineKind engineKind, @Nullable Clock clock) {
    super(engineKind, clock == null ? Clock.system() : clock);
    try {
      poller = new SelectorPoller();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open a selector for the event loop", e);
    }
  }

  @Override
  protected void poll(long nanos, Consumer<? super Handle> ready) throws IOException {
    poller.poll(nanos, ready);
  }

  @Override
  protected void wakeUp() {
    poller.wakeUp();
  }

  @Override
  protected void closePoller() throws IOException {
    poller.close();
  }

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> createConnection(
      Supplier<P> protocolFactory, @Nullable String host, int port, ConnectOptions options) {
    return new Connector(io).connect(protocolFactory, host, port, options);
  }

  @Override
  public Coroutine<Server> createServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      Collection<String> hosts,
      int port,
      ServerOptions options) {
    return new Binder(io).listen(protocolFactory, hosts, port, options);
  }

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> createUnixConnection(
      Supplier<P> protocolFactory, @Nullable Path path, ConnectOptions options) {
    return new Connector(io).connectUnix(protocolFactory, path, options);
  }

  @Override
  public Coroutine<Server> createUnixServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      @Nullable Path path,
      ServerOptions options) {
    return new Binder(io).listenUnix(protocolFactory, path, options);
  }

  @Override
  public <P extends DatagramProtocol>
      Coroutine<Connected<DatagramTransport, P>> createDatagramEndpoint(
          Supplier<P> protocolFactory, DatagramOptions options) {
    return new DatagramEndpoints(io).create(protocolFactory, options);
  }

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<ReadTransport, P>> connectReadPipe(
      Supplier<P> protocolFactory, ReadableByteChannel pipe) {
    return new Pipes(io).connectRead(protocolFactory, pipe);
  }

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<WriteTransport, P>> connectWritePipe(
      Supplier<P> protocolFactory, WritableByteChannel pipe) {
    return new Pipes(io).connectWrite(protocolFactory, pipe);
  }

  /** What transports see of this loop. */
  private final class Io implements IoLoop {
    @Override
    public AbstractEventLoop loop() {
      return SelectorEventLoop.this;
    }

    @Override
    public Registration register(
        SelectableChannel channel, Runnable onReadable, Runnable onWritable) throws IOException {
      Context context = Context.copyContext();
      return poller.register(channel, handle(onReadable, context), handle(onWritable, context));
    }

    @Override
    public ByteBuffer readBuffer() {
      if (readBuffer == null) {
        readBuffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
      }
      return readBuffer;
    }

    @Override
    public ByteBuffer sendBuffer() {
      if (sendBuffer == null) {
        sendBuffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
      }
      return sendBuffer;
    }

    @Override
    public void checkCaller(String call) {
      checkThread(call);
    }
  }
}

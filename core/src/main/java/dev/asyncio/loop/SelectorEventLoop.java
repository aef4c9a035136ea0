package dev.asyncio.loop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Clock;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Context;
import dev.asyncio.Coroutine;
import dev.asyncio.EngineKind;
import dev.asyncio.Handle;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.SubprocessOptions;
import dev.asyncio.child.Children;
import dev.asyncio.net.Binder;
import dev.asyncio.net.Connector;
import dev.asyncio.net.IoLoop;
import dev.asyncio.net.Registration;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.util.Collection;
import java.util.List;
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
  private final Children children = new Children(io);
  private final LoopSignals signals = new LoopSignals(this);

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
    signals.close();
    children.close();
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
  public <P extends SubprocessProtocol> Coroutine<Connected<SubprocessTransport, P>> subprocessExec(
      Supplier<P> protocolFactory, List<String> command, SubprocessOptions options) {
    return children.exec(protocolFactory, command, options);
  }

  @Override
  public <P extends SubprocessProtocol>
      Coroutine<Connected<SubprocessTransport, P>> subprocessShell(
          Supplier<P> protocolFactory, String cmd, SubprocessOptions options) {
    return children.shell(protocolFactory, cmd, options);
  }

  @Override
  public void addSignalHandler(String sig, Runnable callback) {
    checkClosed();
    checkThread("addSignalHandler");
    signals.add(sig, callback);
  }

  @Override
  public boolean removeSignalHandler(String sig) {
    checkThread("removeSignalHandler");
    return signals.remove(sig);
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

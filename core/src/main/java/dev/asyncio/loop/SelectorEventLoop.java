package dev.asyncio.loop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Clock;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.DatagramOptions;
import dev.asyncio.EngineKind;
import dev.asyncio.Handle;
import dev.asyncio.SendfileOptions;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.SubprocessOptions;
import dev.asyncio.TlsOptions;
import dev.asyncio.child.Children;
import dev.asyncio.net.Binder;
import dev.asyncio.net.Connector;
import dev.asyncio.net.DatagramEndpoints;
import dev.asyncio.net.FileSender;
import dev.asyncio.net.IoLoop;
import dev.asyncio.net.Pipes;
import dev.asyncio.net.Registration;
import dev.asyncio.net.Resolver;
import dev.asyncio.net.SocketCalls;
import dev.asyncio.tls.Tls;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The loop that programs run on: I/O by readiness, on the JDK's {@link java.nio.channels.Selector}.
 * One on the carried engine changes over to epoll once it has handled 16,384 events, on Linux and
 * where native access is enabled for this library; {@code -Dasyncio.poller=epoll} has it begin so,
 * {@code selector} stay as it is.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.SelectorEventLoop}.
 */
public final class SelectorEventLoop extends BaseEventLoop {

  private final Poller poller =
      new ParkingPoller(callback -> handle(callback, null), engineKind() == EngineKind.CARRIED);
  private final IoLoop io = new Io();
  private final Tls tls = new Tls(io);
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
  }

  @Override
  protected void poll(long nanos, Consumer<? super Handle> ready) throws IOException {
    poller.poll(nanos, ready);
  }

  @Override
  protected int eventsATurn() {
    return poller.eventsATurn();
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
    return tls.connect(protocolFactory, host, port, options, new Connector(io)::connect);
  }

  @Override
  public Coroutine<Server> createServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      Collection<String> hosts,
      int port,
      ServerOptions options) {
    return new Binder(io).listen(serving(protocolFactory, options), hosts, port, options);
  }

  /** What carries sockets on this loop. */
  IoLoop io() {
    return io;
  }

  /** A server's factory of protocols, with TLS beneath them if the options say so. */
  Supplier<? extends BaseProtocol> serving(
      Supplier<? extends BaseProtocol> protocolFactory, ServerOptions options) {
    return tls.serving(protocolFactory, options.ssl());
  }

  @Override
  public Coroutine<Transport> startTls(
      Transport transport, BaseProtocol protocol, SSLContext sslcontext, TlsOptions options) {
    return tls.startTls(transport, protocol, sslcontext, options);
  }

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connectAcceptedSocket(
      Supplier<P> protocolFactory, SocketChannel sock, @Nullable TlsOptions ssl) {
    var connector = new Connector(io);
    return ssl == null
        ? connector.adopt(protocolFactory, sock)
        : tls.secured(
            protocolFactory,
            ssl.serverSide(true),
            null,
            0,
            secured -> connector.adopt(secured, sock));
  }

  @Override
  public Coroutine<Long> sendfile(
      WriteTransport transport, FileChannel file, SendfileOptions options) {
    return new FileSender(this).send(transport, file, options);
  }

  @Override
  public Coroutine<List<InetSocketAddress>> getAddrInfo(
      @Nullable String host, int port, @Nullable StandardProtocolFamily family) {
    return new Resolver(this).addresses(host, port, family);
  }

  @Override
  public Coroutine<NameInfo> getNameInfo(InetSocketAddress sockaddr) {
    return new Resolver(this).name(sockaddr);
  }

  // ---- channels of the program's own

  @Override
  public Handle addReader(SelectableChannel channel, Runnable callback) {
    return watch(channel, callback, poller::reader);
  }

  @Override
  public boolean removeReader(SelectableChannel channel) {
    return unwatch(channel, poller::reader);
  }

  @Override
  public Handle addWriter(SelectableChannel channel, Runnable callback) {
    return watch(channel, callback, poller::writer);
  }

  @Override
  public boolean removeWriter(SelectableChannel channel) {
    return unwatch(channel, poller::writer);
  }

  @Override
  public Coroutine<ByteBuffer> sockRecv(SocketChannel sock, int nbytes) {
    return new SocketCalls(io).recv(sock, nbytes);
  }

  @Override
  public Coroutine<Integer> sockRecvInto(SocketChannel sock, ByteBuffer buf) {
    return new SocketCalls(io).recvInto(sock, buf);
  }

  @Override
  public Coroutine<Datagram> sockRecvfrom(DatagramChannel sock, int bufsize) {
    return new SocketCalls(io).recvfrom(sock, bufsize);
  }

  @Override
  public Coroutine<Received> sockRecvfromInto(DatagramChannel sock, ByteBuffer buf) {
    return new SocketCalls(io).recvfromInto(sock, buf);
  }

  @Override
  public Coroutine<@Nullable Void> sockSendall(SocketChannel sock, ByteBuffer data) {
    return new SocketCalls(io).sendall(sock, data);
  }

  @Override
  public Coroutine<Integer> sockSendto(
      DatagramChannel sock, ByteBuffer data, SocketAddress address) {
    return new SocketCalls(io).sendto(sock, data, address);
  }

  @Override
  public Coroutine<@Nullable Void> sockConnect(SocketChannel sock, SocketAddress address) {
    return new SocketCalls(io).connect(sock, address);
  }

  @Override
  public Coroutine<Accepted> sockAccept(ServerSocketChannel sock) {
    return new SocketCalls(io).accept(sock);
  }

  @Override
  public Coroutine<Long> sockSendfile(
      SocketChannel sock, FileChannel file, SendfileOptions options) {
    return new SocketCalls(io).sendfile(sock, file, options);
  }

  private interface Direction {
    @Nullable Handle replace(SelectableChannel channel, @Nullable Handle handle) throws IOException;
  }

  private Handle watch(SelectableChannel channel, Runnable callback, Direction direction) {
    checkClosed();
    checkThread("addReader() or addWriter()");
    checkNotOwned(channel);
    if (channel.isBlocking()) {
      throw new IllegalArgumentException(
          "only a non-blocking channel can be watched: call configureBlocking(false) on "
              + channel);
    }
    Handle handle = handle(callback, null);
    try {
      cancel(direction.replace(channel, handle));
    } catch (ClosedChannelException exc) {
      throw new IllegalArgumentException("Invalid channel: " + channel + " is closed", exc);
    } catch (IOException exc) {
      throw new UncheckedIOException(exc);
    }
    return handle;
  }

  private boolean unwatch(SelectableChannel channel, Direction direction) {
    if (isClosed()) {
      return false;
    }
    checkThread("removeReader() or removeWriter()");
    checkNotOwned(channel);
    try {
      return cancel(direction.replace(channel, null));
    } catch (IOException exc) {
      throw new UncheckedIOException(exc);
    }
  }

  private void checkNotOwned(SelectableChannel channel) {
    if (poller.isRegistered(channel)) {
      Object owner = ownerOf(channel);
      throw new IllegalStateException(
          "File descriptor "
              + channel
              + " is used by transport "
              + (owner == null ? "or server of this loop" : owner)
              + "; use that, or close it first");
    }
  }

  private static boolean cancel(@Nullable Handle handle) {
    if (handle != null) {
      handle.cancel();
    }
    return handle != null;
  }

  // ---- beside TCP

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> createUnixConnection(
      Supplier<P> protocolFactory, @Nullable Path path, ConnectOptions options) {
    var connector = new Connector(io);
    return options.ssl() == null
        ? connector.connectUnix(protocolFactory, path, options)
        : tls.secured(
            protocolFactory,
            options.ssl(),
            null,
            0,
            secured -> connector.connectUnix(secured, path, options));
  }

  @Override
  public Coroutine<Server> createUnixServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      @Nullable Path path,
      ServerOptions options) {
    return new Binder(io).listenUnix(serving(protocolFactory, options), path, options);
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
    public Registration register(SelectableChannel channel, Runnable onReadable)
        throws IOException {
      return poller.register(channel, handle(onReadable, null));
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

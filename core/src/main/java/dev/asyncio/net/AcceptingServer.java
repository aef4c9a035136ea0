package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.CancelledError;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.SystemExit;
import dev.asyncio.Unclosed;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server's life and its connections: it makes a protocol and a transport for each and knows which
 * are open. Where they come from is the subclass's business.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code base_events.Server}.
 */
abstract class AcceptingServer extends Server {
  /** IDLE (bound) -> SERVING -> CLOSED; there is no way back, SERVING may be skipped. */
  private enum Phase {
    IDLE,
    SERVING,
    CLOSED
  }

  final IoLoop io;
  final AbstractEventLoop loop;
  private final Supplier<? extends BaseProtocol> factory;
  private final boolean keepAlive;
  private final Unclosed unclosed;
  private final Unclosed.Kind<SelectableChannel> clientKind =
      Unclosed.kind("transport", this::dropped);

  private Phase phase = Phase.IDLE;
  private final LocalAddress localAddress = new LocalAddress();
  private int clients; // open connections
  private final List<Future<@Nullable Void>> closeWaiters = new ArrayList<>();
  private @Nullable Future<@Nullable Void> servingForever;

  /**
   * @param underneath names the server where it was dropped unclosed
   * @param release lets go of what it listens on; must not refer to the server
   */
  @SuppressWarnings("this-escape") // watched from outside, and not looked into
  AcceptingServer(
      IoLoop io,
      Supplier<? extends BaseProtocol> factory,
      ServerOptions options,
      Object underneath,
      Runnable release) {
    this.io = io;
    this.loop = io.loop();
    this.factory = factory;
    this.keepAlive = options.keepAlive();
    this.unclosed =
        Unclosed.watch(loop, this, Unclosed.kind("server", _ -> release.run()), underneath);
  }

  /** Begins to accept. */
  abstract void open() throws IOException;

  /** Accepts no more and lets go of the sockets. */
  abstract void shut();

  /** What it listens on. */
  abstract List<ServerSocketChannel> channels();

  // --- life

  @Override
  public final Coroutine<@Nullable Void> startServing() {
    return Coroutine.of(() -> {
      start();
      Coroutine.yieldNow().await(); // as CPython: one iteration, after which accepting is on
    });
  }

  void start() throws IOException {
    switch (phase) {
      case IDLE -> {
        open();
        phase = Phase.SERVING;
      }
      case SERVING -> {}
      case CLOSED -> throw new IllegalStateException("server " + this + " is closed");
    }
  }

  @Override
  public final Coroutine<@Nullable Void> serveForever() {
    return Coroutine.of(() -> {
      if (servingForever != null) {
        throw new IllegalStateException(
            "server " + this + " is already being awaited on serveForever()");
      }
      start();
      servingForever = loop.createFuture();
      try {
        servingForever.await();
      } catch (CancelledError cancelled) {
        closeThenRethrow(cancelled);
      } finally {
        servingForever = null;
      }
    });
  }

  private void closeThenRethrow(CancelledError cancelled) {
    try {
      close();
      waitClosed().await();
    } catch (Throwable exc) {
      if (exc != cancelled) {
        cancelled.addSuppressed(exc);
      }
    }
    throw cancelled;
  }

  @Override
  public final void close() {
    io.checkCaller("server.close()");
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    unclosed.closed();
    shut();
    if (servingForever != null) {
      servingForever.cancel();
    }
    wakeIfGone();
  }

  @Override
  public final Coroutine<@Nullable Void> waitClosed() {
    return Coroutine.of(() -> {
      if (isGone()) {
        return;
      }
      Future<@Nullable Void> waiter = loop.createFuture();
      closeWaiters.add(waiter);
      try {
        waiter.await();
      } finally {
        closeWaiters.remove(waiter);
      }
    });
  }

  private boolean isGone() {
    return phase == Phase.CLOSED && clients == 0;
  }

  private void wakeIfGone() {
    if (isGone()) {
      for (Future<@Nullable Void> waiter : closeWaiters) {
        if (!waiter.done()) {
          waiter.setResult(null);
        }
      }
    }
  }

  // --- connections

  /** Serves a connection that was accepted; one that comes too late is {@link #refuse}d. */
  final void accepted(SocketChannel channel) {
    if (phase == Phase.CLOSED) {
      refuse(channel);
      return;
    }
    try {
      if (keepAlive) {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      }
      localAddress.shareWith(channel);
      SocketTransport.start(io, channel, factory.get(), this, null);
    } catch (KeyboardInterrupt | SystemExit exc) {
      Channels.closeQuietly(channel);
      throw exc;
    } catch (Throwable exc) {
      Channels.closeQuietly(channel);
      if (exc instanceof IOException && !loop.getDebug()) {
        return; // the peer was gone before we began
      }
      loop.callExceptionHandler(
          ExceptionContext.of("Error on transport creation for incoming connection")
              .exception(exc));
    }
  }

  /** What becomes of a connection that was accepted before the server closed, and comes after. */
  void refuse(SocketChannel channel) {
    Channels.closeQuietly(channel);
  }

  void attached() {
    clients++;
  }

  void detached() {
    clients--;
    wakeIfGone();
  }

  /** How a connection is named and closed that its protocol has dropped. */
  Unclosed.Kind<SelectableChannel> clientKind() {
    return clientKind;
  }

  private void dropped(SelectableChannel channel) {
    Channels.closeQuietly(channel);
    if (!loop.isClosed()) {
      detached();
    }
  }

  /**
   * The open connections, in the order in which they came. There is no list of them: it would take
   * memory of each connection as long as that lives.
   */
  private List<SocketTransport> clients() {
    List<SocketTransport> all = new ArrayList<>(clients);
    for (Object resource : Unclosed.resources(loop)) {
      if (resource instanceof SocketTransport transport && transport.isOf(this)) {
        all.add(transport);
      }
    }
    return all;
  }

  @Override
  public final void closeClients() {
    io.checkCaller("server.closeClients()");
    clients().forEach(AcceptingServer::closeFromTheTop);
  }

  private static void closeFromTheTop(SocketTransport transport) {
    if (transport.getProtocol() instanceof Layer layer) {
      layer.closeFromTheTop();
    } else {
      transport.close();
    }
  }

  @Override
  public final void abortClients() {
    io.checkCaller("server.abortClients()");
    clients().forEach(SocketTransport::abort);
  }

  // --- facts

  @Override
  public final AbstractEventLoop getLoop() {
    return loop;
  }

  @Override
  public final boolean isServing() {
    return phase == Phase.SERVING;
  }

  @Override
  public final List<TransportSocket> sockets() {
    return phase == Phase.CLOSED
        ? List.of()
        : channels().stream().map(TransportSocket::new).toList();
  }

  @Override
  public final String toString() {
    return "Server[" + phase + ", " + channels() + ", " + clients + " connections]";
  }
}

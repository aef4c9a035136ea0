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
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server over one or more {@link Listener}s: it makes a protocol and a transport for each
 * connection and knows which are open.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code base_events.Server}.
 */
final class ListeningServer extends Server {
  /** IDLE (bound) -> SERVING -> CLOSED; there is no way back, SERVING may be skipped. */
  private enum Phase {
    IDLE,
    SERVING,
    CLOSED
  }

  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final List<Listener> listeners;
  private final Supplier<? extends BaseProtocol> factory;
  private final boolean keepAlive;
  private final Unclosed unclosed;
  private final @Nullable SocketFile file; // to be removed at the end

  private Phase phase = Phase.IDLE;
  private final Set<SocketTransport> clients = new LinkedHashSet<>();
  private final List<Future<@Nullable Void>> closeWaiters = new ArrayList<>();
  private @Nullable Future<@Nullable Void> servingForever;

  ListeningServer(
      IoLoop io,
      List<ServerSocketChannel> channels,
      Supplier<? extends BaseProtocol> factory,
      ServerOptions options,
      @Nullable SocketFile file) {
    this.io = io;
    this.loop = io.loop();
    this.factory = factory;
    this.keepAlive = options.keepAlive();
    this.file = file;
    this.listeners =
        channels.stream()
            .map(channel -> new Listener(io, channel, options.backlog(), this::accepted))
            .toList();
    this.unclosed = Unclosed.watch(loop, this, "server", channels, it -> release(it, file));
  }

  private static void release(List<ServerSocketChannel> channels, @Nullable SocketFile file) {
    channels.forEach(Channels::closeQuietly);
    if (file != null) {
      file.remove();
    }
  }

  // --- life

  @Override
  public Coroutine<@Nullable Void> startServing() {
    return Coroutine.of(() -> {
      start();
      Coroutine.yieldNow().await(); // as CPython: one iteration, after which accepting is on
    });
  }

  void start() throws IOException {
    switch (phase) {
      case IDLE -> {
        for (Listener listener : listeners) {
          listener.start();
        }
        phase = Phase.SERVING;
      }
      case SERVING -> {}
      case CLOSED -> throw new IllegalStateException("server " + this + " is closed");
    }
  }

  @Override
  public Coroutine<@Nullable Void> serveForever() {
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
  public void close() {
    io.checkCaller("server.close()");
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    unclosed.closed();
    listeners.forEach(Listener::close);
    if (file != null) {
      file.remove();
    }
    if (servingForever != null) {
      servingForever.cancel();
    }
    wakeIfGone();
  }

  @Override
  public Coroutine<@Nullable Void> waitClosed() {
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
    return phase == Phase.CLOSED && clients.isEmpty();
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

  private void accepted(SocketChannel channel) {
    if (phase == Phase.CLOSED) {
      Channels.closeQuietly(channel);
      return;
    }
    try {
      if (keepAlive) {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      }
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

  void attach(SocketTransport transport) {
    clients.add(transport);
  }

  void detach(SocketTransport transport) {
    clients.remove(transport);
    wakeIfGone();
  }

  @Override
  public void closeClients() {
    io.checkCaller("server.closeClients()");
    List.copyOf(clients).forEach(ListeningServer::closeFromTheTop);
  }

  private static void closeFromTheTop(SocketTransport transport) {
    if (transport.getProtocol() instanceof Layer layer) {
      layer.closeFromTheTop();
    } else {
      transport.close();
    }
  }

  @Override
  public void abortClients() {
    io.checkCaller("server.abortClients()");
    List.copyOf(clients).forEach(SocketTransport::abort);
  }

  // --- facts

  @Override
  public AbstractEventLoop getLoop() {
    return loop;
  }

  @Override
  public boolean isServing() {
    return phase == Phase.SERVING;
  }

  @Override
  public List<TransportSocket> sockets() {
    return phase == Phase.CLOSED
        ? List.of()
        : listeners.stream().map(listener -> new TransportSocket(listener.channel())).toList();
  }

  @Override
  public String toString() {
    return "Server[" + phase + ", " + listeners + ", " + clients.size() + " connections]";
  }
}

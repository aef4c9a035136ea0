package dev.asyncio.net;

import dev.asyncio.ServerOptions;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * One loop's server on a {@link SharedPort}. The port says which sockets it listens on, and may
 * hand it connections that another loop has accepted.
 *
 * <p><b>Threads:</b> its own loop, but for {@link #give}.
 */
final class SharedServer extends AcceptingServer {
  private final SharedPort port;
  private final Object seat;
  private final int backlog;
  private final IntConsumer connections;

  private final List<Listener> listeners = new ArrayList<>();
  private boolean shut;

  /** Connections handed over and not yet taken; whatever is left at the end goes to others. */
  private final Queue<SocketChannel> tray = new ConcurrentLinkedQueue<>();

  @SuppressWarnings("this-escape") // watched from outside, and not looked into
  SharedServer(
      IoLoop io,
      SharedPort port,
      Object seat,
      Supplier<? extends BaseProtocol> factory,
      ServerOptions options,
      IntConsumer connections) {
    super(io, factory, options, port, () -> port.leave(seat));
    this.port = port;
    this.seat = seat;
    this.backlog = options.backlog();
    this.connections = connections;
  }

  @Override
  void open() {
    port.serving(seat, this);
  }

  @Override
  void shut() {
    shut = true;
    listeners.forEach(Listener::stop);
    listeners.clear();
    port.leave(seat);
  }

  /** Accepts on these sockets too, until it is told to {@link #leaveOff}. */
  void listen(List<ServerSocketChannel> channels) {
    if (shut) {
      return; // the port will hear of it
    }
    for (ServerSocketChannel channel : channels) {
      var listener = new Listener(io, channel, backlog, this::accepted);
      listeners.add(listener);
      try {
        listener.start();
      } catch (IOException closedMeanwhile) {
        listeners.remove(listener);
      }
    }
  }

  /** Accepts no more on these sockets, and leaves them open for others. */
  void leaveOff(List<ServerSocketChannel> channels) {
    for (Listener listener : List.copyOf(listeners)) {
      if (channels.contains(listener.channel())) {
        listener.stop();
        listeners.remove(listener);
      }
    }
  }

  /** Hands over a connection that was accepted elsewhere. Home loop. */
  void give(SocketChannel connection) {
    tray.add(connection);
    SharedPort.post(loop, this::takeGiven);
  }

  private void takeGiven() {
    SocketChannel connection;
    while (!shut && (connection = tray.poll()) != null) {
      accepted(connection);
    }
  }

  /** What was given and will not be taken any more: the loop or the server is closed. Home loop. */
  Queue<SocketChannel> untaken() {
    return tray;
  }

  @Override
  void refuse(SocketChannel channel) {
    port.handOver(channel);
  }

  @Override
  void attached() {
    super.attached();
    connections.accept(1);
  }

  @Override
  void detached() {
    super.detached();
    connections.accept(-1);
  }

  @Override
  List<ServerSocketChannel> channels() {
    return port.channels();
  }
}

package dev.asyncio.loop;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.Coroutine;
import dev.asyncio.Lock;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.net.SharedPort;
import dev.asyncio.transport.BaseProtocol;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ports that the workers of {@link dev.asyncio.Workers} listen on together.
 *
 * <p>What is one port is told by what was asked for: the first request of each worker for a host
 * and a port number means the same, even where the number is 0, and so does the second.
 *
 * <p><b>Threads:</b> the home loop, but for what says otherwise.
 */
@CheckReturnValue
public final class SharedPorts {

  private record Request(
      List<String> hosts,
      int port,
      @Nullable StandardProtocolFamily family,
      @Nullable ServerSocketChannel sock,
      int number) {}

  /** The place of one of a worker's servers on one of the ports. */
  public static final class Seat {
    private final Object worker;
    private final int index;
    private @Nullable SharedPort port;

    /** A place to be taken; the newest worker of an index has the lane of that index. */
    public Seat(Object worker, int index) {
      this.worker = worker;
      this.index = index;
    }
  }

  private final SelectorEventLoop home;
  private final boolean handsOut;
  private final Runnable changed;

  private final Lock opening = new Lock();
  private final Map<Request, SharedPort> ports = new HashMap<>();
  private final Map<Request, Set<InetSocketAddress>> bound = new HashMap<>();
  private final List<Seat> seats = new ArrayList<>();

  /**
   * @param home the loop that binds, and accepts where it hands out
   * @param handsOut whether the home loop accepts; else the system spreads the connections
   * @param changed called on the home loop when a server begins to serve, or leaves
   */
  public SharedPorts(SelectorEventLoop home, boolean handsOut, Runnable changed) {
    this.home = home;
    this.handsOut = handsOut;
    this.changed = changed;
  }

  /** Whether the system can do without handing out. Any thread. */
  public static boolean systemSpreads() {
    return SharedPort.systemSpreads();
  }

  /**
   * Takes a seat on the port that is meant, which is bound if nobody has it yet.
   *
   * <p><b>Cancellation:</b> {@link #leave} the seat then. <b>Errors:</b> as {@code createServer}.
   */
  public Coroutine<@Nullable Void> take(
      Seat seat, Collection<String> hosts, int port, ServerOptions options) {
    return Coroutine.of(() -> {
      try (var _ = opening.hold().await()) { // one binds, the others find it bound
        seats.removeIf(known -> !isTaken(known));
        Request request = next(seat.worker, hosts, port, options);
        SharedPort shared = ports.get(request);
        if (shared == null || shared.isClosed()) {
          boolean accepting = handsOut || options.sock() != null;
          shared =
              SharedPort.bind(
                      home.io(), bound.get(request), hosts, port, options, accepting, changed)
                  .await();
          ports.put(request, shared);
          if (options.sock() == null) {
            bound.put(request, shared.addresses());
          }
        }
        shared.join(seat, seat.index);
        seat.port = shared;
        seats.add(seat);
      }
    });
  }

  /** The first request like this that the worker has not made already. */
  private Request next(Object worker, Collection<String> hosts, int port, ServerOptions options) {
    for (int number = 0; ; number++) {
      var request = new Request(List.copyOf(hosts), port, options.family(), options.sock(), number);
      SharedPort there = ports.get(request);
      if (seats.stream().noneMatch(seat -> seat.worker == worker && seat.port == there)) {
        return request;
      }
    }
  }

  /**
   * A server on the port of a seat.
   *
   * <p><b>Threads:</b> the loop of the server.
   *
   * @param connections told 1 when a connection is there and -1 when it is gone
   */
  public Coroutine<Server> serve(
      Seat seat,
      SelectorEventLoop loop,
      Supplier<? extends BaseProtocol> factory,
      ServerOptions options,
      IntConsumer connections) {
    return Coroutine.of(() -> {
      SharedPort port = Objects.requireNonNull(seat.port);
      Server server =
          port.server(loop.io(), seat, loop.serving(factory, options), options, connections);
      try {
        if (options.startServing()) {
          server.startServing().await();
        }
        return server;
      } catch (Throwable exc) {
        server.close();
        throw exc;
      }
    });
  }

  /** Gives a seat up. Any thread. */
  public void leave(Seat seat) {
    SharedPort port = seat.port;
    if (port != null) {
      port.leave(seat);
    }
  }

  /** Whether {@code successor} serves wherever {@code predecessor} does. */
  public boolean covers(Object successor, Object predecessor) {
    return seats.stream()
        .filter(seat -> seat.worker == predecessor && isServed(seat))
        .allMatch(needed ->
            seats.stream()
                .anyMatch(seat ->
                    seat.worker == successor && seat.port == needed.port && isServed(seat)));
  }

  private static boolean isTaken(Seat seat) {
    return seat.port != null && seat.port.isTaken(seat);
  }

  private static boolean isServed(Seat seat) {
    return seat.port != null && seat.port.isServed(seat);
  }

  /** Has a worker get no more connections; it keeps those that it has. */
  public void retire(Object worker) {
    for (Seat seat :
        List.copyOf(seats)) { // closing a channel may block, and others take seats then
      if (seat.worker == worker && seat.port != null) {
        seat.port.retire(seat);
      }
    }
  }

  /** A worker's loop has ended. */
  public void ended(Object worker) {
    for (Seat seat : List.copyOf(seats)) {
      if (seat.worker == worker && seat.port != null) {
        seats.remove(seat);
        seat.port.left(seat);
      }
    }
  }
}

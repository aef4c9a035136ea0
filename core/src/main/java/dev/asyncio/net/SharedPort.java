package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One address that servers of several loops listen on together, each from a <em>seat</em>.
 *
 * <p>Either each seat has a <em>lane</em>, a listening socket of its own with {@code SO_REUSEPORT},
 * among which the system spreads the connections; or there is one lane, on which the home loop
 * accepts, and it hands the connections out to the seats in turn.
 *
 * <p>A listening socket that closes takes with it the connections that wait in it. So no lane
 * closes while any seat is taken: the lane of a server that leaves goes to its successor, or to
 * another. To move a lane takes two messages, and no connection can get lost in between, since it
 * waits in the socket:
 *
 * <pre>
 *   home ── leave off ──▶ old server's loop ── released ──▶ home ── listen ──▶ new server's loop
 * </pre>
 *
 * <p><b>Threads:</b> the home loop keeps the books; what other loops may call says so.
 */
public final class SharedPort {

  /** Listening sockets, one for each address, that one server at a time accepts on. */
  private static final class Lane {
    final int index;
    final List<ServerSocketChannel> channels;
    @Nullable SharedServer owner; // accepts on it, or has been told to
    boolean leaving; // the owner has been told to leave off

    Lane(int index, List<ServerSocketChannel> channels) {
      this.index = index;
      this.channels = channels;
    }
  }

  /** What is known of a seat that is taken. */
  private static final class Member {
    final int index;
    @Nullable SharedServer server; // once it serves
    boolean retired; // gets nothing new

    Member(int index) {
      this.index = index;
    }

    boolean takesConnections() {
      return server != null && !retired;
    }
  }

  private final IoLoop io;
  private final boolean handsOut;
  private final ServerOptions options;
  private final Runnable changed;
  private final List<ServerSocketChannel> first;

  // --- home loop only
  private final List<Lane> lanes = new ArrayList<>();
  private final Map<Object, Member> seats = new LinkedHashMap<>();
  private final List<Listener> acceptors = new ArrayList<>(); // where it hands out
  private int turn;
  private boolean closed;

  private SharedPort(
      IoLoop io,
      boolean handsOut,
      ServerOptions options,
      List<ServerSocketChannel> first,
      Runnable changed) {
    this.io = io;
    this.handsOut = handsOut;
    this.options = options;
    this.first = first;
    this.changed = changed;
  }

  /** Whether the system spreads the connections to a port over all sockets that listen on it. */
  public static boolean systemSpreads() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return false; // where others have the option, one of the sockets gets all connections
    }
    try (ServerSocketChannel probe = ServerSocketChannel.open()) {
      return probe.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Binds. Another program's socket on the port is an error, unless {@code options} says {@code
   * reusePort}.
   *
   * @param io of the home loop
   * @param before the addresses to bind if this port was open before; null to look up {@code hosts}
   * @param handsOut whether the home loop accepts
   * @param changed called on the home loop when a server begins to serve, or leaves
   */
  public static Coroutine<SharedPort> bind(
      IoLoop io,
      @Nullable Set<InetSocketAddress> before,
      Collection<String> hosts,
      int port,
      ServerOptions options,
      boolean handsOut,
      Runnable changed) {
    return Coroutine.of(() -> {
      List<ServerSocketChannel> bound =
          before == null
              ? new Binder(io).socketsFor(hosts, port, options)
              : Binder.bindAll(before, options);
      try {
        for (ServerSocketChannel channel : bound) {
          channel.configureBlocking(false);
          if (!handsOut) {
            // Only now, so that the first one cannot join a port that somebody else has.
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
          }
        }
      } catch (Throwable exc) {
        bound.forEach(Channels::closeQuietly);
        throw exc;
      }
      return new SharedPort(io, handsOut, options, bound, changed);
    });
  }

  /** Where it listens. Any thread. */
  List<ServerSocketChannel> channels() {
    return first;
  }

  /** The addresses that it is bound to. */
  public Set<InetSocketAddress> addresses() {
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    for (ServerSocketChannel channel : first) {
      try {
        if (channel.getLocalAddress() instanceof InetSocketAddress address) {
          addresses.add(address);
        }
      } catch (IOException closed) {
        // it has none any more
      }
    }
    return addresses;
  }

  // --- seats

  /**
   * Takes a seat, with a lane for its index where each has one.
   *
   * @throws IOException if that cannot be bound
   */
  public void join(Object seat, int index) throws IOException {
    if (lanes.isEmpty()) {
      lanes.add(new Lane(index, first));
    } else if (!handsOut && lanes.stream().noneMatch(lane -> lane.index == index)) {
      List<ServerSocketChannel> another =
          Binder.bindAll(addresses(), options.reusePort(true).sock(null));
      for (ServerSocketChannel channel : another) {
        channel.configureBlocking(false);
      }
      lanes.add(new Lane(index, another));
    }
    seats.put(seat, new Member(index));
  }

  /** Whether that seat is taken by a server that gets connections. */
  public boolean isServed(Object seat) {
    Member member = seats.get(seat);
    return member != null && member.takesConnections();
  }

  /** A server for a loop that has a seat. On that loop. */
  public Server server(
      IoLoop of,
      Object seat,
      Supplier<? extends BaseProtocol> factory,
      ServerOptions itsOptions,
      IntConsumer connections) {
    return new SharedServer(of, this, seat, factory, itsOptions, connections);
  }

  /** The server of a seat wants connections from now on. Any thread. */
  void serving(Object seat, SharedServer server) {
    post(
        io.loop(),
        () -> {
          Member member = seats.get(seat);
          if (member != null) {
            member.server = server;
            arrange();
            changed.run();
          }
        });
  }

  /** Has the server of a seat get nothing new; it keeps the connections that it has. */
  public void retire(Object seat) {
    Member member = seats.get(seat);
    if (member != null && !member.retired) {
      member.retired = true;
      arrange();
    }
  }

  /** Gives up a seat, whose server has left off. Any thread. */
  public void leave(Object seat) {
    post(io.loop(), () -> left(seat));
  }

  /** Nobody has that seat any more: its server has left off, or its loop has ended. */
  public void left(Object seat) {
    Member member = seats.remove(seat);
    SharedServer server = member == null ? null : member.server;
    if (server != null) {
      lanes.stream().filter(lane -> lane.owner == server).forEach(this::vacate);
    }
    arrange();
    if (server != null) {
      SocketChannel connection;
      while ((connection = server.untaken().poll()) != null) {
        handOut(connection);
      }
    }
    changed.run();
  }

  /** Whether somebody has that seat. */
  public boolean isTaken(Object seat) {
    return seats.containsKey(seat);
  }

  /** Whether it has closed, since nobody was left. */
  public boolean isClosed() {
    return closed;
  }

  // --- lanes

  /** Has each lane go where it belongs. */
  private void arrange() {
    if (!closed && seats.values().stream().allMatch(member -> member.retired)) {
      close();
    }
    if (handsOut) {
      acceptOrNot();
      return;
    }
    for (Lane lane : lanes) {
      SharedServer wanted = closed ? null : wantedFor(lane);
      if (lane.leaving || wanted == lane.owner) {
        continue;
      }
      if (lane.owner != null) {
        askBack(lane, lane.owner);
      } else if (wanted != null) {
        lane.owner = wanted;
        post(wanted.loop, () -> wanted.listen(lane.channels));
      }
    }
  }

  /** The newest server of the lane's index; without one, who has it, or has the fewest. */
  private @Nullable SharedServer wantedFor(Lane lane) {
    SharedServer own = null;
    List<SharedServer> all = new ArrayList<>();
    for (Member member : seats.values()) {
      if (member.takesConnections()) {
        all.add(member.server);
        own = member.index == lane.index ? member.server : own;
      }
    }
    if (own != null || all.contains(lane.owner)) {
      return own != null ? own : lane.owner;
    }
    return all.stream().min(Comparator.comparingLong(this::lanesOf)).orElse(null);
  }

  private long lanesOf(SharedServer server) {
    return lanes.stream().filter(lane -> lane.owner == server).count();
  }

  private void askBack(Lane lane, SharedServer owner) {
    lane.leaving = true;
    boolean told =
        post(
            owner.loop,
            () -> {
              owner.leaveOff(lane.channels);
              post(io.loop(), () -> released(lane, owner));
            });
    if (!told) {
      released(lane, owner);
    }
  }

  private void released(Lane lane, SharedServer owner) {
    if (lane.owner == owner) {
      vacate(lane);
      arrange();
    }
  }

  private void vacate(Lane lane) {
    lane.owner = null;
    lane.leaving = false;
    if (closed) {
      lane.channels.forEach(Channels::closeQuietly);
    }
  }

  private void close() {
    closed = true;
    for (Lane lane : lanes) {
      if (lane.owner == null) {
        lane.channels.forEach(Channels::closeQuietly);
      }
    }
  }

  // --- handing out

  private void acceptOrNot() {
    boolean wanted = !closed && seats.values().stream().anyMatch(Member::takesConnections);
    if (!wanted) {
      acceptors.forEach(Listener::stop);
      acceptors.clear();
    } else if (acceptors.isEmpty()) {
      for (ServerSocketChannel channel : first) {
        var acceptor = new Listener(io, channel, options.backlog(), this::handOut);
        acceptors.add(acceptor);
        try {
          acceptor.start();
        } catch (IOException exc) {
          throw new IllegalStateException("cannot listen on " + channel, exc);
        }
      }
    }
  }

  /** A server that had accepted a connection has closed: another one shall have it. Any thread. */
  void handOver(SocketChannel connection) {
    if (!post(io.loop(), () -> handOut(connection))) {
      Channels.closeQuietly(connection);
    }
  }

  /** In turn: to prefer the idle ones would send everything to a server that fails at once. */
  private void handOut(SocketChannel connection) {
    List<Member> able = seats.values().stream().filter(Member::takesConnections).toList();
    if (able.isEmpty()) {
      Channels.closeQuietly(connection);
      return;
    }
    SharedServer next = able.get(Math.floorMod(turn++, able.size())).server;
    if (next != null) {
      next.give(connection);
    }
  }

  /** Whether the loop is still open to be told. */
  static boolean post(AbstractEventLoop loop, Runnable action) {
    if (loop.isClosed()) {
      return false;
    }
    try {
      loop.callSoonThreadsafe(action);
      return true;
    } catch (IllegalStateException closedMeanwhile) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "SharedPort" + addresses();
  }
}

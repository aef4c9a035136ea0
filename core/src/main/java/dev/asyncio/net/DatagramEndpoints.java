package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.DatagramOptions;
import dev.asyncio.Future;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes datagram endpoints: looks names up, binds and connects a socket, and puts a transport and a
 * protocol on it.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.create_datagram_endpoint}.
 */
public final class DatagramEndpoints {
  private final IoLoop io;
  private final AbstractEventLoop loop;

  /** A maker of endpoints for a loop. */
  public DatagramEndpoints(IoLoop io) {
    this.io = io;
    this.loop = io.loop();
  }

  /** Addresses of one family. */
  private record Ends(
      StandardProtocolFamily family,
      @Nullable InetSocketAddress local,
      @Nullable InetSocketAddress remote) {}

  /** A socket, and the only address to send to where there is one. */
  private record Opened(DatagramChannel channel, @Nullable InetSocketAddress remote) {}

  /**
   * Binds, connects, calls the factory, then {@code connectionMade}, then ends. Where names have
   * several addresses, the first family that works is taken.
   *
   * <p><b>Cancellation:</b> closes the socket, wherever it strikes.
   *
   * <p><b>Errors:</b> what went wrong with the first family; {@link IllegalArgumentException} for
   * contradictory options.
   */
  public <P extends DatagramProtocol> Coroutine<Connected<DatagramTransport, P>> create(
      Supplier<P> factory, DatagramOptions options) {
    return Coroutine.of(() -> attach(factory, open(options)));
  }

  private Opened open(DatagramOptions options) throws IOException {
    DatagramChannel given = options.sock();
    if (given == null) {
      return openFirst(endsOf(options), options);
    }
    if (!options.equals(DatagramOptions.defaults().sock(given))) {
      throw new IllegalArgumentException(
          "socket modifier keyword arguments can not be used when sock is specified. ("
              + problems(options)
              + ")");
    }
    if (given.getLocalAddress() == null) {
      given.bind(null);
    }
    return new Opened(given, null);
  }

  private static String problems(DatagramOptions options) {
    List<String> given = new ArrayList<>();
    if (options.localAddr() != null) {
      given.add("localAddr=" + options.localAddr());
    }
    if (options.remoteAddr() != null) {
      given.add("remoteAddr=" + options.remoteAddr());
    }
    if (options.family() != null) {
      given.add("family=" + options.family());
    }
    if (options.reusePort()) {
      given.add("reusePort=true");
    }
    if (options.allowBroadcast()) {
      given.add("allowBroadcast=true");
    }
    return String.join(", ", given);
  }

  // --- addresses

  private List<Ends> endsOf(DatagramOptions options) throws IOException {
    InetSocketAddress local = options.localAddr();
    InetSocketAddress remote = options.remoteAddr();
    StandardProtocolFamily family = options.family();
    if (family == StandardProtocolFamily.UNIX) {
      throw new IllegalArgumentException(
          "Unix datagram sockets are not offered by the JDK; use INET or INET6, or Unix streams");
    }
    if (local == null && remote == null) {
      if (family == null) {
        throw new IllegalArgumentException(
            "unexpected address family: give localAddr, remoteAddr or family");
      }
      return List.of(new Ends(family, null, null));
    }
    List<InetSocketAddress> locals = resolved(local, family, true);
    List<InetSocketAddress> remotes = resolved(remote, family, false);
    List<Ends> ends = new ArrayList<>(2);
    for (StandardProtocolFamily each : families(local != null ? locals : remotes)) {
      InetSocketAddress from = lastOf(each, locals);
      InetSocketAddress to = lastOf(each, remotes);
      if ((local == null || from != null) && (remote == null || to != null)) {
        ends.add(new Ends(each, from, to));
      }
    }
    if (ends.isEmpty()) {
      throw new IllegalArgumentException(
          "can not get address information: " + local + " and " + remote + " share no family");
    }
    return ends;
  }

  private List<InetSocketAddress> resolved(
      @Nullable InetSocketAddress address, @Nullable StandardProtocolFamily family, boolean toBind)
      throws IOException {
    if (address == null) {
      return List.of();
    }
    if (!address.isUnresolved()) {
      return family == null || family == Channels.familyOf(address) ? List.of(address) : List.of();
    }
    var resolver = new Resolver(loop);
    return toBind
        ? resolver.toListen(address.getHostString(), address.getPort(), family)
        : resolver.toConnect(address.getHostString(), address.getPort(), family);
  }

  private static List<StandardProtocolFamily> families(List<InetSocketAddress> addresses) {
    return addresses.stream().map(Channels::familyOf).distinct().toList();
  }

  /** As CPython, which keeps the last of those that a name has in a family. */
  private static @Nullable InetSocketAddress lastOf(
      StandardProtocolFamily family, List<InetSocketAddress> addresses) {
    InetSocketAddress last = null;
    for (InetSocketAddress address : addresses) {
      if (Channels.familyOf(address) == family) {
        last = address;
      }
    }
    return last;
  }

  // --- sockets

  private static Opened openFirst(List<Ends> candidates, DatagramOptions options)
      throws IOException {
    IOException first = null;
    for (Ends ends : candidates) {
      try {
        return new Opened(open(ends, options), ends.remote);
      } catch (IOException exc) {
        if (first == null) {
          first = exc;
        } else {
          first.addSuppressed(exc);
        }
      }
    }
    throw first != null ? first : new IOException("no address to use");
  }

  private static DatagramChannel open(Ends ends, DatagramOptions options) throws IOException {
    DatagramChannel channel = Channels.open(ends.family, DatagramChannel::open);
    try {
      if (options.reusePort()) {
        Channels.shareThePort(channel);
      }
      if (options.allowBroadcast()) {
        channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
      }
      bind(channel, ends.local);
      if (ends.remote != null && !options.allowBroadcast()) {
        connect(channel, ends.remote);
      }
      return channel;
    } catch (Throwable exc) {
      Channels.closeQuietly(channel);
      throw exc;
    }
  }

  private static void bind(DatagramChannel channel, @Nullable InetSocketAddress local)
      throws IOException {
    try {
      channel.bind(local); // null: a free port, so that the endpoint has a name from the start
    } catch (IOException exc) {
      throw local == null ? exc : BindFailure.of(local, exc);
    }
  }

  private static void connect(DatagramChannel channel, InetSocketAddress remote)
      throws IOException {
    try {
      channel.connect(remote);
    } catch (IOException exc) {
      throw Channels.connectFailure(remote, exc);
    }
  }

  private <P extends DatagramProtocol> Connected<DatagramTransport, P> attach(
      Supplier<P> factory, Opened opened) throws IOException {
    P protocol;
    DatagramSocketTransport transport;
    Future<@Nullable Void> made = loop.createFuture();
    try {
      protocol = factory.get();
      transport = new DatagramSocketTransport(io, opened.channel, opened.remote, protocol);
      transport.beginSoon(made);
    } catch (Throwable exc) {
      Channels.closeQuietly(opened.channel);
      throw exc;
    }
    try {
      made.await();
    } catch (Throwable exc) {
      transport.close();
      throw exc;
    }
    return new Connected<>(transport, protocol);
  }
}

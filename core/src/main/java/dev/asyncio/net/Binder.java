package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes servers: looks names up, binds a socket to each address, and puts a {@link Server} on them.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.create_server}, {@code
 * loop.create_unix_server}.
 */
public final class Binder {
  private final IoLoop io;
  private final AbstractEventLoop loop;

  /** A binder for a loop. */
  public Binder(IoLoop io) {
    this.io = io;
    this.loop = io.loop();
  }

  /**
   * Listens on all addresses of all hosts, and begins to accept unless {@code options} says
   * otherwise. With port 0 each address gets a free port of its own. Addresses that this machine
   * does not have are passed over as long as one is left.
   *
   * <p><b>Cancellation:</b> closes all sockets, wherever it strikes.
   *
   * <p><b>Errors:</b> an {@link IOException} naming the address that cannot be bound; {@link
   * IllegalArgumentException} for contradictory options.
   *
   * @param hosts names or literal addresses; none, or an empty one, for all of this machine's; must
   *     be none where {@code options} brings a socket
   * @param port 0 for any free one, and where {@code options} brings a socket
   */
  public Coroutine<Server> listen(
      Supplier<? extends BaseProtocol> factory,
      Collection<String> hosts,
      int port,
      ServerOptions options) {
    return Coroutine.of(() -> serve(factory, socketsFor(hosts, port, options), options, null));
  }

  /**
   * Listens on a Unix socket, whose file it makes, and removes again when the server closes.
   *
   * <p><b>Cancellation:</b> closes the socket and removes its file.
   *
   * <p><b>Errors:</b> an {@link IOException} naming the path that cannot be bound; {@link
   * IllegalArgumentException} for contradictory options.
   *
   * @param path {@code null} where {@code options} brings a socket
   */
  public Coroutine<Server> listenUnix(
      Supplier<? extends BaseProtocol> factory, @Nullable Path path, ServerOptions options) {
    return Coroutine.of(() -> {
      ServerSocketChannel channel = unixSocketFor(path, options);
      return serve(factory, List.of(channel), options, fileOf(channel, options));
    });
  }

  private static @Nullable SocketFile fileOf(ServerSocketChannel channel, ServerOptions options)
      throws IOException {
    try {
      return options.cleanupSocket() ? SocketFile.of(channel) : null;
    } catch (Throwable exc) {
      Channels.closeQuietly(channel);
      throw exc;
    }
  }

  private static ServerSocketChannel unixSocketFor(@Nullable Path path, ServerOptions options)
      throws IOException {
    if (options.family() != null || options.reusePort() || options.keepAlive()) {
      throw new IllegalArgumentException(
          "family, reusePort and keepAlive are not for Unix sockets, got " + options);
    }
    ServerSocketChannel given = options.sock();
    if (path != null) {
      if (given != null) {
        throw new IllegalArgumentException("path and sock can not be specified at the same time");
      }
      return bindUnix(path, options.backlog());
    }
    if (given == null) {
      throw new IllegalArgumentException("path was not specified, and no sock specified");
    }
    if (!Channels.isUnix(given)) {
      throw new IllegalArgumentException("A UNIX Domain Stream Socket was expected, got " + given);
    }
    return given;
  }

  private static ServerSocketChannel bindUnix(Path path, int backlog) throws IOException {
    SocketAddress address = Channels.unixAddress(path);
    SocketFile.removeStale(path);
    ServerSocketChannel channel =
        Channels.open(StandardProtocolFamily.UNIX, ServerSocketChannel::open);
    try {
      return channel.bind(address, backlog);
    } catch (BindException exc) {
      Channels.closeQuietly(channel);
      if (!"Address already in use".equals(exc.getMessage())) {
        throw BindFailure.of(address, exc);
      }
      var inUse = new BindException("Address '" + path + "' is already in use");
      inUse.initCause(exc);
      throw inUse;
    } catch (IOException exc) {
      Channels.closeQuietly(channel);
      throw BindFailure.of(address, exc);
    }
  }

  private Server serve(
      Supplier<? extends BaseProtocol> factory,
      List<ServerSocketChannel> channels,
      ServerOptions options,
      @Nullable SocketFile file)
      throws IOException {
    var server = new ListeningServer(io, channels, factory, options, file);
    try {
      for (ServerSocketChannel channel : channels) {
        channel.configureBlocking(false);
      }
      if (options.startServing()) {
        startOrClose(server);
      }
      return server;
    } catch (Throwable exc) {
      server.close();
      throw exc;
    }
  }

  private static void startOrClose(ListeningServer server) {
    try {
      server.startServing().await();
    } catch (Throwable exc) {
      server.close();
      throw exc;
    }
  }

  /** Binds the sockets that {@link #listen} would listen on. Inside a coroutine. */
  List<ServerSocketChannel> socketsFor(Collection<String> hosts, int port, ServerOptions options)
      throws IOException {
    ServerSocketChannel given = options.sock();
    if (given == null) {
      return bindAll(addressesOf(hosts, port, options), options);
    }
    if (!hosts.isEmpty() || port != 0) {
      throw new IllegalArgumentException(
          "host/port and sock can not be specified at the same time");
    }
    if (given.getLocalAddress() == null) {
      throw new IllegalArgumentException("sock must be bound already, got " + given);
    }
    return List.of(given);
  }

  private Set<InetSocketAddress> addressesOf(
      Collection<String> hosts, int port, ServerOptions options) throws IOException {
    var resolver = new Resolver(loop);
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    if (hosts.isEmpty()) {
      addresses.addAll(resolver.toListen(null, port, options.family()));
    }
    for (String host : hosts) {
      addresses.addAll(resolver.toListen(host, port, options.family()));
    }
    return addresses;
  }

  /** A socket for each address that this machine has; all or none. */
  static List<ServerSocketChannel> bindAll(Set<InetSocketAddress> addresses, ServerOptions options)
      throws IOException {
    List<ServerSocketChannel> bound = new ArrayList<>(addresses.size());
    List<IOException> missing = new ArrayList<>();
    try {
      for (InetSocketAddress address : addresses) {
        ServerSocketChannel channel = bind(address, options, missing);
        if (channel != null) {
          bound.add(channel);
        }
      }
      if (bound.isEmpty()) {
        var none = new BindException("could not bind on any address out of " + addresses);
        missing.forEach(none::addSuppressed);
        throw none;
      }
      return bound;
    } catch (Throwable exc) {
      bound.forEach(Channels::closeQuietly);
      throw exc;
    }
  }

  /** Returns {@code null}, and notes why, if the machine has no such address. */
  private static @Nullable ServerSocketChannel bind(
      InetSocketAddress address, ServerOptions options, List<IOException> missing)
      throws IOException {
    ServerSocketChannel channel;
    try {
      channel = open(address, options);
    } catch (UnsupportedOperationException exc) {
      missing.add(new BindException("address family not supported here: " + exc.getMessage()));
      return null;
    }
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
      if (options.reusePort()) {
        Channels.shareThePort(channel);
      }
      return channel.bind(address, options.backlog());
    } catch (IOException exc) {
      Channels.closeQuietly(channel);
      BindFailure failure = BindFailure.of(address, exc);
      if (failure.addressIsMissing()) {
        missing.add(failure);
        return null;
      }
      throw failure;
    } catch (Throwable exc) {
      Channels.closeQuietly(channel);
      throw exc;
    }
  }

  private static ServerSocketChannel open(InetSocketAddress address, ServerOptions options)
      throws IOException {
    // One socket for both families where all of this machine's addresses are asked for: the JDK
    // offers no way to keep an IPv6 wildcard socket off IPv4, so a second one could not be bound.
    return address.getAddress().isAnyLocalAddress() && options.family() == null
        ? ServerSocketChannel.open()
        : ServerSocketChannel.open(Resolver.familyOf(address.getAddress()));
  }
}

package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionGroup;
import dev.asyncio.Future;
import dev.asyncio.TimerHandle;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes outgoing connections: looks the name up, connects to one of its addresses, and puts a
 * transport and a protocol on the socket.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.create_connection}, {@code
 * loop.create_unix_connection}.
 */
public final class Connector {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(64);

  private final IoLoop io;
  private final AbstractEventLoop loop;

  /** A connector for a loop. */
  public Connector(IoLoop io) {
    this.io = io;
    this.loop = io.loop();
  }

  /**
   * Connects, then calls the factory, then {@code connectionMade}, then ends.
   *
   * <p><b>Cancellation:</b> closes the socket, wherever it strikes.
   *
   * <p><b>Errors:</b> an {@link IOException} that names the address, or lists what happened at
   * each; an {@link ExceptionGroup} of them with {@code allErrors}; {@link
   * IllegalArgumentException} for contradictory options.
   *
   * @param host a name or a literal address; {@code null} for this machine's loopback address, or
   *     where {@code options} brings a socket
   * @param port 0 where {@code options} brings a socket
   */
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connect(
      Supplier<P> factory, @Nullable String host, int port, ConnectOptions options) {
    return Coroutine.of(() -> attach(factory, socketFor(host, port, options)));
  }

  /** As {@code loop.connectAcceptedSocket}. */
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> adopt(
      Supplier<P> factory, SocketChannel accepted) {
    return Coroutine.of(() -> {
      if (!accepted.isConnected()) {
        throw new IllegalArgumentException(
            "A Stream Socket was expected that is connected, got " + accepted);
      }
      return attach(factory, accepted);
    });
  }

  private SocketChannel socketFor(@Nullable String host, int port, ConnectOptions options)
      throws IOException {
    SocketChannel given = options.sock();
    if (given == null) {
      return connectTo(host, port, options);
    }
    if (host != null || port != 0) {
      throw new IllegalArgumentException(
          "host/port and sock can not be specified at the same time");
    }
    if (!given.isConnected()) {
      throw new IllegalArgumentException("sock must be connected already, got " + given);
    }
    return given;
  }

  /**
   * As {@link #connect}, to a Unix socket. Where the server's backlog is full, waits for its turn,
   * trying again more and more seldom, down to 16 times a second.
   *
   * @param path {@code null} where {@code options} brings a socket
   */
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> connectUnix(
      Supplier<P> factory, @Nullable Path path, ConnectOptions options) {
    return Coroutine.of(() -> attach(factory, unixSocketFor(path, options)));
  }

  private SocketChannel unixSocketFor(@Nullable Path path, ConnectOptions options)
      throws IOException {
    SocketChannel given = options.sock();
    if (options.family() != null
        || options.localAddr() != null
        || options.happyEyeballsDelay() != null
        || options.interleave() != 0
        || options.allErrors()) {
      throw new IllegalArgumentException(
          "family, localAddr, happyEyeballsDelay, interleave and allErrors are not for Unix"
              + " sockets, got "
              + options);
    }
    if (path != null) {
      if (given != null) {
        throw new IllegalArgumentException("path and sock can not be specified at the same time");
      }
      return connectTo(Channels.unixAddress(path));
    }
    if (given == null) {
      throw new IllegalArgumentException("no path and sock were specified");
    }
    if (!given.isConnected() || !Channels.isUnix(given)) {
      throw new IllegalArgumentException(
          "A UNIX Domain Stream Socket was expected, connected already, got " + given);
    }
    return given;
  }

  /** Waits while the server has more connections to accept than it wants to queue. */
  private SocketChannel connectTo(UnixDomainSocketAddress address) throws IOException {
    Duration pause = SHORTEST_PAUSE;
    while (true) {
      try {
        return race(List.of(address), List.of(), ConnectOptions.defaults());
      } catch (SocketException exc) {
        if (!Channels.isForNow(exc)) {
          throw exc;
        }
      }
      // The system blocks here, or refuses; it has no readiness to wait for.
      sleep(pause);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
    }
  }

  private void sleep(Duration pause) {
    Future<@Nullable Void> over = loop.createFuture();
    TimerHandle timer =
        loop.callLater(
            pause,
            () -> {
              if (!over.done()) { // cancelled in this very turn
                over.setResult(null);
              }
            });
    try {
      over.await();
    } finally {
      timer.cancel();
    }
  }

  private SocketChannel connectTo(@Nullable String host, int port, ConnectOptions options)
      throws IOException {
    var resolver = new Resolver(loop);
    List<InetSocketAddress> addresses = resolver.toConnect(host, port, options.family());
    List<InetSocketAddress> local = localAddresses(resolver, options);
    if (options.interleave() > 0) {
      addresses = Resolver.interleaved(addresses, options.interleave());
    }
    return race(addresses, local, options);
  }

  private SocketChannel race(
      List<? extends SocketAddress> addresses,
      List<InetSocketAddress> local,
      ConnectOptions options)
      throws IOException {
    var race = new ConnectRace(io, addresses, local, options.happyEyeballsDelay());
    SocketChannel connected = race.run();
    if (connected == null) {
      if (options.allErrors()) {
        throw new ExceptionGroup("create_connection failed", race.errors());
      }
      throw merged(race.errors());
    }
    return connected;
  }

  private static List<InetSocketAddress> localAddresses(Resolver resolver, ConnectOptions options)
      throws IOException {
    InetSocketAddress local = options.localAddr();
    if (local == null) {
      return List.of();
    }
    return local.isUnresolved()
        ? resolver.toConnect(local.getHostString(), local.getPort(), options.family())
        : List.of(local);
  }

  /** The only error, the common one, or one that lists all messages and suppresses all errors. */
  private static IOException merged(List<IOException> errors) {
    IOException first = errors.getFirst();
    if (errors.stream().allMatch(e -> Objects.equals(e.getMessage(), first.getMessage()))) {
      return first;
    }
    String message =
        errors.stream()
            .map(Throwable::getMessage)
            .collect(Collectors.joining(", ", "Multiple exceptions: ", ""));
    IOException all =
        errors.stream().allMatch(e -> e instanceof ConnectException)
            ? new ConnectException(message)
            : new IOException(message);
    errors.forEach(all::addSuppressed);
    return all;
  }

  private <P extends BaseProtocol> Connected<Transport, P> attach(
      Supplier<P> factory, SocketChannel channel) throws IOException {
    P protocol;
    SocketTransport transport;
    Future<@Nullable Void> made = loop.createFuture();
    try {
      protocol = factory.get();
      transport = SocketTransport.start(io, channel, protocol, null, made);
    } catch (Throwable exc) {
      Channels.closeQuietly(channel);
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

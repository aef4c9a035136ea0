package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Networking.NameInfo;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Host names to addresses. A literal address is taken as it is; a name is looked up in the loop's
 * default executor, since the system's look-up blocks.
 *
 * <p><b>Threads:</b> inside a coroutine. <b>Source:</b> CPython 3.14, {@code
 * BaseEventLoop._ensure_resolved}.
 */
public final class Resolver {
  private final AbstractEventLoop loop;

  /** A resolver for a loop. */
  public Resolver(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /** As {@code loop.getAddrInfo}. */
  public Coroutine<List<InetSocketAddress>> addresses(
      @Nullable String host, int port, @Nullable StandardProtocolFamily family) {
    return Coroutine.of(() -> toConnect(host, port, family));
  }

  /** As {@code loop.getNameInfo}. */
  public Coroutine<NameInfo> name(InetSocketAddress sockaddr) {
    return Coroutine.of(() -> {
      InetAddress given =
          sockaddr.isUnresolved()
              ? lookUp(sockaddr.getHostString()).getFirst()
              : sockaddr.getAddress();
      InetAddress nameless = InetAddress.getByAddress(given.getAddress());
      String host = loop.runInExecutor(null, nameless::getHostName).await();
      return new NameInfo(host, Integer.toString(sockaddr.getPort()));
    });
  }

  /**
   * The addresses to connect to, in the order to try them; without a host those of this machine's
   * loopback.
   *
   * @throws UnknownHostException if there is none of that family
   */
  List<InetSocketAddress> toConnect(
      @Nullable String host, int port, @Nullable StandardProtocolFamily family) throws IOException {
    return ofFamily(host == null ? loopback() : lookUp(host), host, port, family);
  }

  /**
   * The addresses to listen on; without a host all of this machine's.
   *
   * @throws UnknownHostException if there is none of that family
   */
  List<InetSocketAddress> toListen(
      @Nullable String host, int port, @Nullable StandardProtocolFamily family) throws IOException {
    if (host == null || host.isEmpty()) {
      InetAddress any = family == null ? new InetSocketAddress(0).getAddress() : wildcardOf(family);
      return List.of(new InetSocketAddress(any, port));
    }
    return ofFamily(lookUp(host), host, port, family);
  }

  private static InetAddress wildcardOf(StandardProtocolFamily family) {
    return InetAddress.ofLiteral(family == StandardProtocolFamily.INET ? "0.0.0.0" : "::");
  }

  private static List<InetAddress> loopback() {
    return List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
  }

  private List<InetAddress> lookUp(String host) {
    InetAddress literal = literal(host);
    return literal != null
        ? List.of(literal)
        : List.of(loop.runInExecutor(null, () -> InetAddress.getAllByName(host)).await());
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException aName) {
      return null;
    }
  }

  private static List<InetSocketAddress> ofFamily(
      List<InetAddress> found,
      @Nullable String host,
      int port,
      @Nullable StandardProtocolFamily family)
      throws UnknownHostException {
    List<InetSocketAddress> usable = new ArrayList<>(found.size());
    for (InetAddress address : found) {
      if (family == null || family == familyOf(address)) {
        usable.add(new InetSocketAddress(address, port));
      }
    }
    if (usable.isEmpty()) {
      throw new UnknownHostException(
          "getaddrinfo() returned empty list: " + host + " has no address of family " + family);
    }
    return usable;
  }

  static StandardProtocolFamily familyOf(InetAddress address) {
    return address instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  /**
   * Reorders addresses so that families alternate, after {@code first} of the first family (RFC
   * 8305, section 4).
   */
  static List<InetSocketAddress> interleaved(List<InetSocketAddress> addresses, int first) {
    List<InetSocketAddress> leading = new ArrayList<>();
    List<InetSocketAddress> other = new ArrayList<>();
    StandardProtocolFamily family = familyOf(addresses.getFirst().getAddress());
    for (InetSocketAddress address : addresses) {
      (familyOf(address.getAddress()) == family ? leading : other).add(address);
    }
    List<InetSocketAddress> mixed = new ArrayList<>(addresses.size());
    int ahead = Math.min(first - 1, leading.size());
    mixed.addAll(leading.subList(0, ahead));
    for (int i = 0; i < Math.max(leading.size() - ahead, other.size()); i++) {
      if (ahead + i < leading.size()) {
        mixed.add(leading.get(ahead + i));
      }
      if (i < other.size()) {
        mixed.add(other.get(i));
      }
    }
    return mixed;
  }
}

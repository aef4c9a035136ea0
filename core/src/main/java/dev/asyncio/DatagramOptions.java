package dev.asyncio;

import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/**
 * What a datagram endpoint shall be: the keyword arguments of {@code createDatagramEndpoint}.
 *
 * {@snippet :
 * loop.createDatagramEndpoint(Echo::new, DatagramOptions.defaults().localAddr("127.0.0.1", 9999))
 * }
 *
 * <p>Addresses may be unresolved; they are then looked up without blocking the loop.
 *
 * <p><b>Source:</b> CPython 3.14, {@code loop.create_datagram_endpoint}.
 *
 * @param localAddr the address to bind to, or {@code null} to let the system pick one
 * @param remoteAddr the only peer, or {@code null} for any
 * @param family IPv4 or IPv6; needed where neither address is given
 * @param reusePort whether several sockets may share the port
 * @param allowBroadcast whether datagrams may be sent to broadcast addresses
 * @param sock a channel to use instead; excludes all others
 */
public record DatagramOptions(
    @Nullable InetSocketAddress localAddr,
    @Nullable InetSocketAddress remoteAddr,
    @Nullable StandardProtocolFamily family,
    boolean reusePort,
    boolean allowBroadcast,
    @Nullable DatagramChannel sock) {
  private static final DatagramOptions DEFAULTS =
      new DatagramOptions(null, null, null, false, false, null);

  /** No address, no family: at least one of the three, or a channel, has to be added. */
  public static DatagramOptions defaults() {
    return DEFAULTS;
  }

  /** Binds to this address; port 0 for any free one. */
  public DatagramOptions localAddr(@Nullable InetSocketAddress localAddr) {
    return new DatagramOptions(localAddr, remoteAddr, family, reusePort, allowBroadcast, sock);
  }

  /** Binds to this host and port; port 0 for any free one. */
  public DatagramOptions localAddr(String host, int port) {
    return localAddr(InetSocketAddress.createUnresolved(host, port));
  }

  /**
   * Talks to this peer alone: {@code sendto} needs no address, what others send is dropped by the
   * system, and its "port unreachable" is heard of. Together with {@link #allowBroadcast} it is
   * merely where to send to, since those who answer a broadcast do so from addresses of their own.
   */
  public DatagramOptions remoteAddr(@Nullable InetSocketAddress remoteAddr) {
    return new DatagramOptions(localAddr, remoteAddr, family, reusePort, allowBroadcast, sock);
  }

  /** As {@link #remoteAddr(InetSocketAddress)}. */
  public DatagramOptions remoteAddr(String host, int port) {
    return remoteAddr(InetSocketAddress.createUnresolved(host, port));
  }

  /** Restricts the endpoint to IPv4 or IPv6; {@code null} lifts it. */
  public DatagramOptions family(@Nullable StandardProtocolFamily family) {
    return new DatagramOptions(localAddr, remoteAddr, family, reusePort, allowBroadcast, sock);
  }

  /** Whether several sockets, of several processes too, may be bound to the port. */
  public DatagramOptions reusePort(boolean reusePort) {
    return new DatagramOptions(localAddr, remoteAddr, family, reusePort, allowBroadcast, sock);
  }

  /** Whether broadcast addresses may be sent to. */
  public DatagramOptions allowBroadcast(boolean allowBroadcast) {
    return new DatagramOptions(localAddr, remoteAddr, family, reusePort, allowBroadcast, sock);
  }

  /** Uses a channel that is there already, and takes ownership of it; excludes all others. */
  public DatagramOptions sock(@Nullable DatagramChannel sock) {
    return new DatagramOptions(localAddr, remoteAddr, family, reusePort, allowBroadcast, sock);
  }
}

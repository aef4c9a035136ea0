package dev.asyncio.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Small things that every user of channels and their addresses needs. */
final class Channels {
  private Channels() {}

  /** Closes; an error on the way out of a connection that is given up concerns no one any more. */
  static void closeQuietly(Channel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // the descriptor is released all the same
    }
  }

  /**
   * Tells the peer of the end, unless the closing will, since the channel is the JDK's selector's,
   * or is to reset the connection. A socket that is closed with data that was not read resets it,
   * and the peer would see an error in place of the end.
   */
  static void announceEnd(Channel channel) {
    if (channel instanceof SocketChannel socket && !socket.isRegistered()) {
      try {
        boolean resets =
            socket.supportedOptions().contains(StandardSocketOptions.SO_LINGER)
                && socket.getOption(StandardSocketOptions.SO_LINGER) == 0;
        if (!resets) {
          socket.shutdownOutput();
        }
      } catch (IOException ignored) {
        // there is nobody to tell any more
      }
    }
  }

  /** An address as a user would type it: {@code 127.0.0.1:80}, {@code [::1]:80}, a path. */
  static String text(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return address.toString();
    }
    String ip = inet.getAddress().getHostAddress();
    return (inet.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip) + ":" + inet.getPort();
  }

  static StandardProtocolFamily familyOf(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? Resolver.familyOf(inet.getAddress())
        : StandardProtocolFamily.UNIX;
  }

  /** Opens with {@code opener}; that the system lacks the family becomes an ordinary error. */
  static <C extends Channel> C open(StandardProtocolFamily family, Opener<C> opener)
      throws IOException {
    try {
      return opener.open(family);
    } catch (UnsupportedOperationException exc) {
      throw new SocketException("Address family " + family + " is not supported here", exc);
    }
  }

  /** A kind of channel's {@code open}. */
  interface Opener<C extends Channel> {
    C open(StandardProtocolFamily family) throws IOException;
  }

  static void shareThePort(NetworkChannel channel) throws IOException {
    if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
      throw new IllegalArgumentException("reusePort is not supported by this system; leave it off");
    }
    channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
  }

  /** The same kind of error, naming the address that could not be connected to. */
  static IOException connectFailure(SocketAddress address, IOException cause) {
    String reason = String.valueOf(cause.getMessage());
    String message = "Connect call failed " + text(address) + " (" + reason + ")";
    IOException named =
        switch (cause) {
          case ConnectException _ -> new ConnectException(message);
          case NoRouteToHostException _ -> new NoRouteToHostException(message);
          default ->
              reason.equals("No such file or directory")
                  ? new NoSuchFileException(
                      text(address), null, "Connect call failed (" + reason + ")")
                  : new SocketException(message);
        };
    named.initCause(cause);
    return named;
  }

  /** Whether what {@link #connectFailure} made says that the same may succeed later. */
  static boolean isForNow(IOException failure) {
    Throwable cause = failure.getCause();
    return cause != null && "Resource temporarily unavailable".equals(cause.getMessage());
  }

  /**
   * The address of a Unix socket.
   *
   * @throws IllegalArgumentException if the path is empty, which means a name that nobody chose
   */
  static UnixDomainSocketAddress unixAddress(Path path) {
    if (path.toString().isEmpty()) {
      throw new IllegalArgumentException("the path of a Unix socket must not be empty");
    }
    return UnixDomainSocketAddress.of(path);
  }

  /** Whether a bound or connected channel is a Unix socket. */
  static boolean isUnix(NetworkChannel channel) throws IOException {
    return channel.getLocalAddress() instanceof UnixDomainSocketAddress;
  }

  /**
   * Sends of {@code data}, which is of the heap, what a socket takes at once, through {@code
   * direct}. Left to the JDK it would go through a buffer of the JDK's that is as large as the
   * data.
   */
  static void writeThrough(ByteBuffer direct, Sink socket, ByteBuffer data) throws IOException {
    int taken;
    do {
      int count = Math.min(data.remaining(), direct.capacity());
      direct.clear().put(0, data, data.position(), count).limit(count);
      taken = socket.write(direct);
      data.position(data.position() + taken);
    } while (taken == direct.capacity() && data.hasRemaining());
  }

  /** What {@code write} of a channel is. */
  interface Sink {
    int write(ByteBuffer data) throws IOException;
  }
}

package dev.asyncio.net;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;

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

  /** An address as a user would type it: {@code 127.0.0.1:80}, {@code [::1]:80}. */
  static String text(InetSocketAddress address) {
    String ip = address.getAddress().getHostAddress();
    return (address.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip)
        + ":"
        + address.getPort();
  }
}

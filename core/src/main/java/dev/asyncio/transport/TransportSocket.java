package dev.asyncio.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A restricted view of the socket under a transport or a server: names and options, no reading, no
 * writing and no closing, which are the transport's business.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.trsock.TransportSocket}.
 */
public final class TransportSocket {
  private final NetworkChannel channel;

  /** A view of the given channel. */
  public TransportSocket(NetworkChannel channel) {
    this.channel = Objects.requireNonNull(channel);
  }

  /**
   * The local address, or {@code null} while there is none.
   *
   * @throws IOException if the socket is closed
   */
  public @Nullable SocketAddress getSockName() throws IOException {
    return channel.getLocalAddress();
  }

  /**
   * The peer's address, or {@code null} when the socket is not connected.
   *
   * @throws IOException if the socket is closed
   */
  public @Nullable SocketAddress getPeerName() throws IOException {
    return switch (channel) {
      case SocketChannel stream -> stream.getRemoteAddress();
      case DatagramChannel datagrams -> datagrams.getRemoteAddress();
      default -> null;
    };
  }

  /**
   * Reads an option.
   *
   * @throws IOException if the socket is closed
   * @throws UnsupportedOperationException if this kind of socket has no such option
   */
  public <T> T getSockOpt(SocketOption<T> option) throws IOException {
    return channel.getOption(option);
  }

  /**
   * Sets an option.
   *
   * @throws IOException if the socket is closed
   * @throws UnsupportedOperationException if this kind of socket has no such option
   */
  public <T> void setSockOpt(SocketOption<T> option, T value) throws IOException {
    channel.setOption(option, value);
  }

  /**
   * The address family.
   *
   * @throws IOException if the socket is closed
   */
  public ProtocolFamily family() throws IOException {
    if (channel.getLocalAddress() instanceof InetSocketAddress address) {
      InetAddress ip = address.getAddress();
      return ip.getAddress().length == 4
          ? StandardProtocolFamily.INET
          : StandardProtocolFamily.INET6;
    }
    return StandardProtocolFamily.UNIX;
  }

  /** Which half of a connection {@link #shutdown} ends. */
  public enum Half {
    /** Nothing more is received. */
    INPUT,
    /** Nothing more is sent; the peer sees the end of the stream. */
    OUTPUT,
    /** Both. */
    BOTH
  }

  /**
   * Shuts down one half of the connection or both, below the transport.
   *
   * @throws IOException if the socket is closed, not connected, or not a stream socket
   */
  public void shutdown(Half how) throws IOException {
    if (!(channel instanceof SocketChannel stream)) {
      throw new IOException("shutdown() needs a connected stream socket, this is " + channel);
    }
    if (how != Half.OUTPUT) {
      stream.shutdownInput();
    }
    if (how != Half.INPUT) {
      stream.shutdownOutput();
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TransportSocket view && view.channel.equals(channel);
  }

  @Override
  public int hashCode() {
    return channel.hashCode();
  }

  @Override
  public String toString() {
    return "TransportSocket[" + channel + "]";
  }
}

package dev.asyncio.transport;

import org.jspecify.annotations.Nullable;

/**
 * What all transports have: an end, a protocol, and facts about the other side.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.BaseTransport}.
 */
public interface BaseTransport {
  /**
   * Starts the orderly end: no more is read, what is buffered is still sent, then {@link
   * BaseProtocol#connectionLost connectionLost(null)} is called. Returns at once; closing again
   * does nothing.
   */
  void close();

  /** Whether the end has begun: by {@code close}, {@code abort} or a lost connection. */
  boolean isClosing();

  /**
   * A detail of this transport, or {@code null} when it has no such detail. Stream sockets know
   * {@code "peername"} and {@code "sockname"} ({@link java.net.SocketAddress}) and {@code "socket"}
   * ({@link TransportSocket}), also after they were closed.
   */
  @Nullable Object getExtraInfo(String name);

  /**
   * As {@link #getExtraInfo(String)}, cast to what the caller expects.
   *
   * @throws ClassCastException if the detail is there and of another type
   */
  default <T> @Nullable T getExtraInfo(String name, Class<T> type) {
    return type.cast(getExtraInfo(name));
  }

  /**
   * Hands the transport over to another protocol. Only later events reach it; {@code
   * connectionMade} is not called again.
   *
   * @throws IllegalArgumentException if this kind of transport cannot drive such a protocol
   */
  void setProtocol(BaseProtocol protocol);

  /** The protocol that hears of this transport's events now. */
  BaseProtocol getProtocol();
}

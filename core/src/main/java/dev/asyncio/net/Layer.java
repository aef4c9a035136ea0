package dev.asyncio.net;

/**
 * A protocol that is itself a transport to another one, such as TLS. What is to end in an orderly
 * way ends from the top: closing the socket's transport alone would look like an accident to the
 * peer.
 */
public interface Layer {
  /** Closes the uppermost transport. */
  void closeFromTheTop();
}

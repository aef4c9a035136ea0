package dev.asyncio;

/** How the connections to one port come to several loops. */
public enum PortSharing {
  /**
   * Each loop has a listening socket of its own on the port ({@code SO_REUSEPORT}), and the system
   * spreads the connections by a hash of their addresses. Accepting needs no other loop, so that it
   * scales with the cores; with few connections some loops get many and others none.
   *
   * <p>On Linux only: elsewhere one of the sockets gets all connections.
   */
  REUSE_PORT,

  /**
   * The loop that the workers were started on accepts, and hands the connections out in turn. All
   * loops get the same number; each connection costs one message between threads more, and that
   * loop must not be kept busy with other things.
   *
   * <p>In turn, and not to the loop with the fewest connections: one where they fail at once would
   * get them all.
   */
  HAND_OUT
}

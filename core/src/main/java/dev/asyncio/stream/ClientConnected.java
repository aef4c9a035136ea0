package dev.asyncio.stream;

/**
 * What a stream server does with a connection. Runs as a task of its own for each.
 *
 * <p><b>Source:</b> CPython 3.14, {@code client_connected_cb} of {@code asyncio.start_server}.
 */
@FunctionalInterface
public interface ClientConnected {
  /**
   * Handles one connection, from its beginning to its end; it may await and throw. The connection
   * is not closed when this returns: close the writer.
   *
   * <p>What it throws goes to the loop's exception handler and the connection is closed; a
   * cancellation just closes it.
   */
  void handle(StreamReader reader, StreamWriter writer) throws Exception;
}

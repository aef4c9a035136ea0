package dev.asyncio.stream;

/**
 * Both directions of an open connection.
 *
 * {@snippet :
 * try (var connection = await(openConnection("example.org", 80))) {
 *   connection.writer().write(request);
 *   byte[] answer = await(connection.reader().read());
 * }
 * }
 *
 * @param reader what the peer sends
 * @param writer what is sent to the peer
 */
public record Connection(StreamReader reader, StreamWriter writer) implements AutoCloseable {
  /** Closes the writer, and with it the connection, without waiting for the end. */
  @Override
  public void close() {
    writer.close();
  }
}

package dev.asyncio;

/**
 * How streams buffer: the keyword arguments that {@code openConnection} and {@code startServer}
 * have of their own.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.open_connection}.
 *
 * @param limit the reader's buffer limit in bytes: the longest line, and half of what is buffered
 *     before the peer is slowed down
 */
public record StreamOptions(int limit) {
  private static final StreamOptions DEFAULTS = new StreamOptions(64 * 1024);

  /**
   * Checks the limit.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public StreamOptions {
    if (limit <= 0) {
      throw new IllegalArgumentException("Limit cannot be <= 0, got " + limit);
    }
  }

  /** A limit of 64 KiB. */
  public static StreamOptions defaults() {
    return DEFAULTS;
  }

  /** Sets the reader's buffer limit. */
  public StreamOptions limit(int limit) {
    return new StreamOptions(limit);
  }
}

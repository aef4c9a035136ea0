package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a file to send, and how: the keyword arguments of {@code sendfile} and {@code
 * sockSendfile}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code loop.sendfile}.
 *
 * @param offset where in the file to begin
 * @param count how many bytes to send, fewer if the file is shorter; {@code null} for all the rest
 * @param fallback whether to read and write the file where the system cannot move it by itself
 */
public record SendfileOptions(long offset, @Nullable Long count, boolean fallback) {
  private static final SendfileOptions DEFAULTS = new SendfileOptions(0, null, true);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if it is none
   */
  public SendfileOptions {
    if (offset < 0) {
      throw new IllegalArgumentException(
          "offset must be a non-negative integer (got " + offset + ")");
    }
    if (count != null && count <= 0) {
      throw new IllegalArgumentException("count must be a positive integer (got " + count + ")");
    }
  }

  /** All of the file, in whatever way. */
  public static SendfileOptions defaults() {
    return DEFAULTS;
  }

  /** Begins there, whatever the file's position is. */
  public SendfileOptions offset(long offset) {
    return new SendfileOptions(offset, count, fallback);
  }

  /** Ends after so many bytes; {@code null} for the end of the file. */
  public SendfileOptions count(@Nullable Long count) {
    return new SendfileOptions(offset, count, fallback);
  }

  /** Whether another way will do than the system's own; else it is refused. */
  public SendfileOptions fallback(boolean fallback) {
    return new SendfileOptions(offset, count, fallback);
  }

  /** How many bytes that is of a file of the given size. */
  public long within(long size) {
    long rest = Math.max(0, size - offset);
    return count == null ? rest : Math.min(rest, count);
  }
}

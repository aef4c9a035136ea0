package dev.asyncio;

import java.io.Serial;
import java.util.OptionalInt;

/**
 * A stream ended before a read was complete.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.IncompleteReadError}.
 */
public class IncompleteReadException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private static final int UNKNOWN = -1;

  private final byte[] partial;
  private final int expected;

  /** For a read of {@code expected} bytes that found {@code partial} only. */
  public IncompleteReadException(byte[] partial, int expected) {
    this(partial, expected, Integer.toString(expected));
  }

  /** For a read up to a separator, which does not know how many bytes it wants. */
  public IncompleteReadException(byte[] partial) {
    this(partial, UNKNOWN, "undefined");
  }

  private IncompleteReadException(byte[] partial, int expected, String wanted) {
    super(partial.length + " bytes read on a total of " + wanted + " expected bytes");
    this.partial = partial;
    this.expected = expected;
  }

  /** The bytes read before the end; they are no longer in the stream. */
  public byte[] partial() {
    return partial.clone();
  }

  /** How many bytes were wanted; empty if that was not known, as in {@code readUntil}. */
  public OptionalInt expected() {
    return expected == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(expected);
  }
}

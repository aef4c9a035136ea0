package dev.asyncio.transport;

import java.nio.ByteBuffer;

/**
 * The sending side of a transport. Writing never blocks: what the other side does not take at once
 * is buffered, and the protocol is told when too much is.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.WriteTransport}.
 */
public interface WriteTransport extends BaseTransport {
  /**
   * Sends the bytes between the buffer's position and its limit, and moves the position to the
   * limit. The system is asked to take them now; the rest is copied, so the caller may use its
   * buffer again as soon as this returns. Order is kept.
   *
   * <p>On a connection that was lost the data is dropped, and from the fifth time on a warning is
   * logged: a program that keeps writing has missed {@link BaseProtocol#connectionLost}.
   *
   * @throws IllegalStateException after {@link #writeEof()}
   */
  void write(ByteBuffer data);

  /**
   * Sends several buffers in order, gathered into as few system calls as they fit in. Otherwise as
   * {@link #write}.
   */
  void writeLines(Iterable<ByteBuffer> data);

  /**
   * Closes the sending half after what is buffered; the other half goes on. Does nothing a second
   * time.
   *
   * @throws UnsupportedOperationException if {@link #canWriteEof()} is false
   */
  void writeEof();

  /** Whether {@link #writeEof()} is possible on this kind of transport. */
  boolean canWriteEof();

  /**
   * Ends at once: drops what is buffered, reads no more, and calls {@link
   * BaseProtocol#connectionLost connectionLost(null)} in the next iteration.
   */
  void abort();

  /** Bytes that wait in this transport to be sent. */
  long getWriteBufferSize();

  /** The marks between which the protocol is paused and resumed. */
  WriteBufferLimits getWriteBufferLimits();

  /**
   * Sets both marks. {@link BaseProtocol#pauseWriting} is called when the buffer grows strictly
   * above the high one, {@link BaseProtocol#resumeWriting} when it has shrunk to the low one or
   * less. A high mark of zero pauses whenever anything has to be buffered.
   */
  void setWriteBufferLimits(WriteBufferLimits limits);

  /**
   * Sets both marks.
   *
   * @throws IllegalArgumentException unless {@code high >= low >= 0}
   */
  default void setWriteBufferLimits(long high, long low) {
    setWriteBufferLimits(new WriteBufferLimits(low, high));
  }

  /** Sets the high mark, and the low mark to a quarter of it. */
  default void setWriteBufferLimits(long high) {
    setWriteBufferLimits(WriteBufferLimits.ofHigh(high));
  }

  /** Puts the default marks back: 64 KiB high, a quarter of it low. */
  default void setWriteBufferLimits() {
    setWriteBufferLimits(WriteBufferLimits.DEFAULT);
  }
}

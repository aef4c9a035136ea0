package dev.asyncio.transport;

/**
 * The receiving side of a transport.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.ReadTransport}.
 */
public interface ReadTransport extends BaseTransport {
  /** Whether incoming data is delivered now: not paused, not closing, not at its end. */
  boolean isReading();

  /**
   * Delivers nothing until {@link #resumeReading()}; the peer is slowed down once the kernel's
   * buffer is full. Does nothing when already paused or closing.
   */
  void pauseReading();

  /** Delivers again. Does nothing when not paused, or when closing. */
  void resumeReading();
}

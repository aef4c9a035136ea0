package dev.asyncio.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A channel's entry with the poller: which readiness its owner wants to hear of, and the shortest
 * way for its bytes.
 *
 * <p>The methods about readiness are idempotent and cost a system call at most when the interest
 * really changes, and that one at the next poll. <b>Threads:</b> loop only.
 */
public interface Registration {
  /** Turns on or off the interest in reading (accepting, for a listening channel). */
  void reading(boolean on);

  /**
   * Turns on the interest in writing, with what is to be called, or off, with null. While a connect
   * is pending on the channel this is the interest in the connect's end. The callback is the one
   * that was given first: a channel has one for all its life.
   */
  void writing(@Nullable Runnable onWritable);

  /**
   * Forgets the channel and both callbacks without closing the channel. Closing the channel itself
   * does the same implicitly.
   */
  void close();

  /**
   * As {@link #close}, and the channel will be closed after the next poll: the system has forgotten
   * it by then, which makes closing it cheaper. It cannot be registered again.
   */
  default void end() {
    close();
  }

  /**
   * Reads what there is, as the channel's own {@code read} does: the number of bytes, 0 for none
   * now, -1 at the end.
   */
  int read(ByteBuffer into) throws IOException;

  /** Writes what is taken now, as the channel's own {@code write} does. */
  int write(ByteBuffer from) throws IOException;

  /** Whether {@link #write} takes a buffer of the heap without a copy of all that remains in it. */
  boolean takesHeap();
}

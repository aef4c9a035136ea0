package dev.asyncio.loop;

/**
 * How many I/O events a turn takes on. What they wake runs in the next one, and should find what
 * was received still in the cache: so the more, the smaller the messages are.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Batch {
  /** For messages of 16 KiB or more, and as long as it is not known how large they are. */
  static final int LEAST = 16;

  private static final int MOST = 256;

  /** What may be received in a turn. The cache of a core holds several times that. */
  private static final long ENOUGH = 256 * 1024L;

  /** After so many reads the size is made anew. */
  private static final int SAMPLE = 256;

  private int size = LEAST;
  private int reads;
  private long bytes;

  int size() {
    return size;
  }

  /** An event has led to a read; of how many bytes, or -1 for the end. */
  void received(int count) {
    bytes += count;
    reads++;
    if (reads == SAMPLE) {
      size = Math.clamp(ENOUGH * reads / Math.max(1, bytes), LEAST, MOST);
      reads = 0;
      bytes = 0;
    }
  }
}

package dev.asyncio.child;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Our end of a pipe to a child, or from it. It never blocks.
 *
 * <p><b>Threads:</b> loop only; the callbacks come on the loop.
 */
interface PipeEnd {
  /**
   * Tells who is to hear of it. A callback may come late, after {@link #close()}.
   *
   * @param ready called once after each {@link #arm()}, when bytes can be moved or the end has come
   * @param hungUp called when nobody reads any more what we write
   * @throws IOException if it cannot be watched
   */
  void open(Runnable ready, Runnable hungUp) throws IOException;

  /** Asks for one call of {@code ready}. */
  void arm() throws IOException;

  /**
   * Reads into {@code data}, or writes from it, which is direct.
   *
   * @return how many bytes, 0 if none can be moved now, -1 at the end
   * @throws IOException if the pipe is broken
   */
  int transfer(ByteBuffer data) throws IOException;

  /** Lets go of it. Does nothing a second time. */
  void close();
}

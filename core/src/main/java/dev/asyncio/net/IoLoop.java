package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;

/**
 * What transports, listeners and connectors need from the loop that carries them: readiness, and
 * two buffers to move bytes through. A loop that implements it can carry sockets and pipes.
 *
 * <p><b>Threads:</b> loop only, all of it.
 */
public interface IoLoop {
  /** Size in bytes of {@link #readBuffer()} and of {@link #sendBuffer()}. */
  int BUFFER_SIZE = 256 * 1024;

  /** The loop's public face: its clock, its queue of callbacks, its exception handler. */
  AbstractEventLoop loop();

  /**
   * Watches a non-blocking channel. The registration starts with no interest; {@link
   * Registration#reading} and {@link Registration#writing} switch it on.
   *
   * <p><b>Order:</b> the two callbacks, {@code onReadable} and that of {@link
   * Registration#writing}, are bound once and run as callbacks of the loop, never inside the poll:
   * a channel found ready has its callback appended to the ready queue, behind what was ready
   * before the poll, readable before writable, and it runs in the same iteration, or in one of the
   * next where more came together than a turn takes on, which is sixteen at least. A callback that
   * became unwanted between the poll and its turn may still be run; who registered it must bear
   * that. {@code onReadable} runs in a copy of its own of the context that is current here, {@code
   * onWritable} in one of the context in which writing was first switched on.
   *
   * <p>A channel has at most one registration at a time. After {@link Registration#close()} the
   * same open channel may be registered again, at once.
   *
   * @param onReadable called when the channel can be read, or has a connection to accept
   * @throws IOException if the channel is closed
   */
  Registration register(SelectableChannel channel, Runnable onReadable) throws IOException;

  /**
   * The direct buffer that every transport of this loop reads into. Its content belongs to the
   * callback that runs now and is overwritten by the next one, so that an idle connection holds no
   * memory for reading.
   */
  ByteBuffer readBuffer();

  /**
   * The direct buffer through which heap data goes to a socket; never the same as {@link
   * #readBuffer()}, since what was just read may be what is written.
   */
  ByteBuffer sendBuffer();

  /**
   * In debug mode refuses a call from a thread that is not on this loop, naming the call and the
   * mend; otherwise does nothing.
   */
  void checkCaller(String call);
}

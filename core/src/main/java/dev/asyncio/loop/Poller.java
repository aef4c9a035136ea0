package dev.asyncio.loop;

import dev.asyncio.Handle;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.function.Consumer;

/**
 * How the loop learns that channels are ready, and how it sleeps until one is.
 *
 * <p><b>Threads:</b> loop only, except for {@link #wakeUp}.
 */
interface Poller {

  /**
   * Waits until a channel is ready, {@link #wakeUp} is called or the time is over, and gives out
   * the callbacks of the channels that are ready.
   *
   * @param nanos 0 not to wait; {@link Long#MAX_VALUE} for ever; else rounded up to what the system
   *     can do
   */
  void poll(long nanos, Consumer<? super Handle> ready) throws IOException;

  /** Ends a wait, the present one or the next. Any thread. */
  void wakeUp();

  /** Watches {@code channel}, at first for nothing. */
  Registration register(SelectableChannel channel, Handle onReadable, Handle onWritable)
      throws IOException;

  /** Lets go of everything. */
  void close() throws IOException;
}

package dev.asyncio.loop;

import dev.asyncio.Handle;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  /**
   * How many of the channels that were ready the loop should turn to before what they wake runs.
   */
  int eventsATurn();

  /** Ends a wait, the present one or the next. Any thread. */
  void wakeUp();

  /**
   * Watches {@code channel}, at first for nothing. While it is watched for nothing its owner is not
   * held, and may become garbage.
   */
  Registration register(SelectableChannel channel, Handle onReadable) throws IOException;

  /** Whether {@code channel} is registered, for a transport or a server. */
  boolean isRegistered(SelectableChannel channel);

  /**
   * Has {@code handle} given out whenever {@code channel}, which is the program's own, can be read,
   * in place of the one before.
   *
   * @param handle null for none any more
   * @return the one before, or null
   * @throws IOException if the channel is closed
   * @throws IllegalStateException if the channel was registered
   */
  @Nullable Handle reader(SelectableChannel channel, @Nullable Handle handle) throws IOException;

  /** The same for writing, which the end of a connect counts as. */
  @Nullable Handle writer(SelectableChannel channel, @Nullable Handle handle) throws IOException;

  /** Lets go of everything, and closes the channels that were registered. */
  void close() throws IOException;
}

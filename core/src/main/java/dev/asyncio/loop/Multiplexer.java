package dev.asyncio.loop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link SelectorPoller} learns readiness from, and moves bytes with: the JDK's selector, or
 * epoll by system calls of our own.
 *
 * <p>A key says what is wanted of a channel, and carries an attachment. A change of what is wanted
 * costs a system call at most, at the next {@link #select}.
 *
 * <p><b>Threads:</b> loop only, except for {@link #wakeUp}.
 */
interface Multiplexer {
  /** The key of a channel; a new one, that wants nothing, if it has none. */
  SelectionKey keyOf(SelectableChannel channel) throws IOException;

  /** The key of a channel, or null. */
  @Nullable SelectionKey keyFor(SelectableChannel channel);

  /** All keys. The caller may change what is wanted of them. */
  Iterable<SelectionKey> keys();

  /** Ends what a key wants; the channel stays open. Its key may be asked for again. */
  void release(SelectionKey key);

  /** Ends what a key wants, where the channel is closed after the next {@link #select}. */
  void end(SelectionKey key);

  /**
   * Gives out the keys of channels that are ready.
   *
   * @param nanos 0 not to wait for one; {@link Long#MAX_VALUE} for ever; else rounded up
   */
  void select(long nanos, Consumer<SelectionKey> ready) throws IOException;

  /** Ends a wait, the present one or the next. Any thread. */
  void wakeUp();

  /** As the channel's {@code read}, into a buffer of any kind. */
  int read(SelectionKey key, ByteBuffer into) throws IOException;

  /** As the channel's {@code write}. */
  int write(SelectionKey key, ByteBuffer from) throws IOException;

  /** Whether {@link #write} of a buffer of the heap needs no copy of it. */
  boolean takesHeap();

  /** Lets go of all channels. They stay open. */
  void close() throws IOException;
}

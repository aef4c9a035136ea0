package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.Nullable;

/**
 * A server as loops hand it out: something that accepts until it is closed.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.AbstractServer}.
 */
public interface AbstractServer {
  /**
   * Stops listening and closes the listening sockets. Connections that were accepted stay open; a
   * {@link #serveForever()} in progress is cancelled. Does nothing a second time.
   */
  void close();

  /** Closes every accepted connection in the orderly way: what is buffered is sent first. */
  void closeClients();

  /** Ends every accepted connection at once, dropping what is buffered. */
  void abortClients();

  /** The loop that serves it. */
  AbstractEventLoop getLoop();

  /** Whether it accepts connections now. */
  boolean isServing();

  /**
   * Begins accepting. Does nothing when it already does; suspends for one iteration.
   *
   * @throws IllegalStateException if the server is closed
   */
  @CheckReturnValue
  Coroutine<@Nullable Void> startServing();

  /**
   * Accepts until cancelled.
   *
   * <p><b>Cancellation:</b> closes the server, waits as {@link #waitClosed()} does, and then goes
   * on as a {@link CancelledError}. {@link #close()} from elsewhere ends it with a {@code
   * CancelledError} too.
   *
   * @throws IllegalStateException if the server is closed, or another task already awaits this
   */
  @CheckReturnValue
  Coroutine<@Nullable Void> serveForever();

  /**
   * Waits until the server is closed <em>and</em> its last connection is gone, in either order.
   * Returns at once if both hold.
   *
   * <p><b>Cancellation:</b> stops this waiting only.
   */
  @CheckReturnValue
  Coroutine<@Nullable Void> waitClosed();
}

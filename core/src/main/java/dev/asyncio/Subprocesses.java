package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import java.util.List;
import java.util.function.Supplier;

/**
 * The part of a loop that starts child processes and hears signals.
 *
 * <p>A loop that can do neither leaves the methods as they are here; they say so with an {@link
 * UnsupportedOperationException} when they are called.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.AbstractEventLoop}.
 */
@CheckReturnValue
public interface Subprocesses {

  /**
   * Starts a program and ties a protocol to it. {@code Asyncio.createSubprocessExec} does the same
   * with streams.
   *
   * <p><b>Order and cost:</b> calls the factory, starts the program in the default executor, then
   * calls {@code connectionMade}, then ends.
   *
   * <p><b>Cancellation:</b> the child is killed and waited for.
   *
   * <p><b>Threads:</b> loop only.
   *
   * <p><b>Errors:</b> {@link java.nio.file.NoSuchFileException} if there is no such program or
   * directory, {@link java.nio.file.AccessDeniedException} if it may not be run, another {@link
   * java.io.IOException} otherwise; {@link IllegalArgumentException} for an empty command or one
   * with a null character.
   *
   * @param command the program, a path or a name to look for in {@code PATH}, and its arguments
   * @param options {@link SubprocessOptions#pipes()} is what CPython has by default here
   * @return the transport and the protocol
   */
  default <P extends SubprocessProtocol>
      Coroutine<Connected<SubprocessTransport, P>> subprocessExec(
          Supplier<P> protocolFactory, List<String> command, SubprocessOptions options) {
    throw Missing.of(this, "subprocessExec()");
  }

  /**
   * As {@link #subprocessExec}, with a command line for {@code /bin/sh}. Quoting what comes from
   * elsewhere is the caller's business; without a shell there is none to be done.
   */
  default <P extends SubprocessProtocol>
      Coroutine<Connected<SubprocessTransport, P>> subprocessShell(
          Supplier<P> protocolFactory, String cmd, SubprocessOptions options) {
    throw Missing.of(this, "subprocessShell()");
  }

  /**
   * Has {@code callback} run on this loop whenever the program gets a signal. It replaces what this
   * loop had for that signal; where several loops listen for one, each hears it. What was there
   * before is back when the last of them has stopped listening; closing a loop ends its listening.
   *
   * <p><b>Order:</b> an ordinary callback of the loop, in a copy of the context current here.
   *
   * <p><b>Threads:</b> loop only. Differs: the loop need not run on the main thread.
   *
   * @param sig the name, such as {@code "TERM"} or {@code "SIGTERM"}
   * @throws IllegalArgumentException if the system has no such signal
   * @throws IllegalStateException if it cannot be caught: KILL and STOP by nobody, and some by the
   *     JVM alone
   */
  default void addSignalHandler(String sig, Runnable callback) {
    throw Missing.of(this, "addSignalHandler()");
  }

  /**
   * Stops listening for a signal.
   *
   * <p><b>Threads:</b> loop only.
   *
   * @return whether this loop did listen
   * @throws IllegalArgumentException if the system has no such signal
   */
  @CanIgnoreReturnValue
  default boolean removeSignalHandler(String sig) {
    throw Missing.of(this, "removeSignalHandler()");
  }
}

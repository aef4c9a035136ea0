package dev.asyncio.process;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.SubprocessOptions;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.SubprocessTransport;
import java.util.List;

/**
 * Children with streams on what a loop can start; {@code Asyncio} has the short forms.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.subprocess}.
 */
@CheckReturnValue
public final class Processes {
  private Processes() {}

  /**
   * Starts a program.
   *
   * <p><b>Cancellation and errors:</b> those of {@code loop.subprocessExec}.
   */
  public static Coroutine<AsyncProcess> exec(
      AbstractEventLoop loop, List<String> command, SubprocessOptions options) {
    return Coroutine.of(() ->
        process(
            loop.subprocessExec(
                    () -> new SubprocessStreamProtocol(options.limit()), command, options)
                .await()));
  }

  /**
   * Starts a shell command.
   *
   * <p><b>Cancellation and errors:</b> those of {@code loop.subprocessShell}.
   */
  public static Coroutine<AsyncProcess> shell(
      AbstractEventLoop loop, String cmd, SubprocessOptions options) {
    return Coroutine.of(() ->
        process(
            loop.subprocessShell(() -> new SubprocessStreamProtocol(options.limit()), cmd, options)
                .await()));
  }

  private static AsyncProcess process(
      Connected<SubprocessTransport, SubprocessStreamProtocol> made) {
    return new AsyncProcess(made.transport(), made.protocol());
  }
}

package dev.asyncio.tls;

import dev.asyncio.AbstractEventLoop;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an engine wants computed for a handshake: signatures, key exchange, the check of a chain of
 * certificates. It takes milliseconds and may ask the network, so it runs in the loop's default
 * executor. Measured with both ends on one loop and two cores: 12 ms a connection instead of 20,
 * and everything else goes on meanwhile.
 *
 * <p>Where there is one processor nothing can go on meanwhile. There a server that asks for no
 * certificate, and so has nothing to check, computes on the loop: 16 % less CPU a handshake.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Computation {
  private final AbstractEventLoop loop;
  private final boolean onLoop;
  private final Consumer<@Nullable Throwable> done;
  private boolean underWay;

  /**
   * A computation to be started any number of times, one after the other.
   *
   * @param onLoop whether the loop itself does it, and not the default executor
   * @param done told of each end, with what went wrong
   */
  Computation(AbstractEventLoop loop, boolean onLoop, Consumer<@Nullable Throwable> done) {
    this.loop = loop;
    this.onLoop = onLoop;
    this.done = done;
  }

  /** Whether a computation for {@code engine} belongs on the loop, on so many processors. */
  static boolean belongsOnLoop(SSLEngine engine, int processors) {
    return processors == 1
        && !engine.getUseClientMode()
        && !engine.getNeedClientAuth()
        && !engine.getWantClientAuth();
  }

  /** Whether the engine must be left alone. */
  boolean isUnderWay() {
    return underWay;
  }

  /** Has the tasks run, one after the other; {@code done} is told in a turn to come. */
  void start(List<Runnable> tasks) {
    underWay = true;
    if (onLoop) {
      loop.callSoon(() -> ended(failureOf(tasks)));
      return;
    }
    loop.runInExecutor(
            null,
            () -> {
              tasks.forEach(Runnable::run);
              return null;
            })
        .addDoneCallback(all ->
            ended(
                all.cancelled()
                    ? new SSLException("the handshake was cancelled")
                    : all.exception()));
  }

  private static @Nullable Throwable failureOf(List<Runnable> tasks) {
    try {
      tasks.forEach(Runnable::run);
      return null;
    } catch (RuntimeException | Error exc) {
      return exc;
    }
  }

  private void ended(@Nullable Throwable failure) {
    underWay = false;
    done.accept(failure);
  }
}

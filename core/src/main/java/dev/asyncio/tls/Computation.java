package dev.asyncio.tls;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an engine wants computed for a handshake: signatures, key exchange, the check of a chain of
 * certificates. It takes milliseconds and may ask the network, so it runs in the loop's default
 * executor. Measured with both ends on one loop and two cores: 12 ms a connection instead of 20,
 * and everything else goes on meanwhile.
 *
 * <p><b>Threads:</b> loop only.
 */
final class Computation {
  private final AbstractEventLoop loop;
  private final Consumer<@Nullable Throwable> done;
  private boolean underWay;

  /**
   * A computation to be started any number of times, one after the other.
   *
   * @param done told of each end, with what went wrong
   */
  Computation(AbstractEventLoop loop, Consumer<@Nullable Throwable> done) {
    this.loop = loop;
    this.done = done;
  }

  /** Whether the engine must be left alone. */
  boolean isUnderWay() {
    return underWay;
  }

  void start(List<Runnable> tasks) {
    underWay = true;
    loop.runInExecutor(
            null,
            () -> {
              tasks.forEach(Runnable::run);
              return null;
            })
        .addDoneCallback(this::ended);
  }

  private void ended(Future<?> tasks) {
    underWay = false;
    done.accept(
        tasks.cancelled() ? new SSLException("the handshake was cancelled") : tasks.exception());
  }
}

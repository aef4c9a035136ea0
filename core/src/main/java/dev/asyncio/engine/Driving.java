package dev.asyncio.engine;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Runs a loop on a thread of its own while the caller waits for its end. */
final class Driving {

  private Driving() {}

  /** Returns, or throws what {@code loop} threw, when it has ended. */
  static void on(Thread.Builder builder, Runnable loop, Runnable onInterrupt) {
    var ended = new CountDownLatch(1);
    var failure = new @Nullable Throwable[1];
    builder.start(() -> {
      try {
        loop.run();
      } catch (Throwable e) { // only to forward it to the caller
        failure[0] = e;
      } finally {
        ended.countDown();
      }
    });
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        onInterrupt.run();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure[0] != null) {
      throw Driving.<RuntimeException>unchecked(failure[0]);
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> X unchecked(Throwable e) throws X {
    throw (X) e;
  }
}

package dev.asyncio.loop;

import dev.asyncio.linux.Availability;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Which {@link Multiplexer} a poller uses: the JDK's selector at first, and epoll, where it works,
 * once there has been so much I/O that the time to load it is of no account. {@code
 * -Dasyncio.poller} may say {@code epoll}, for from the start, or {@code selector}, for ever.
 */
final class Multiplexing {
  /**
   * Events of a loop before epoll is worth preparing: that many take a tenth of a second of CPU,
   * and so does the preparation, on another thread.
   */
  static final int EVENTS_BEFORE_EPOLL = 16_384;

  /** Done when the classes are there and a first epoll was made and closed; failed if that did. */
  private static @Nullable CompletableFuture<Void> preparation; // guarded by the class

  private Multiplexing() {}

  /**
   * What a poller begins with.
   *
   * @param mayWaitInSystemCall whether the loop's thread may, which a virtual thread may not
   * @throws IllegalStateException if epoll is demanded and cannot be had, with what would mend it
   */
  static Multiplexer first(boolean mayWaitInSystemCall) throws IOException {
    String demanded = demanded();
    return switch (demanded) {
      case "", "selector" -> new JdkMultiplexer();
      case "epoll" -> {
        String obstacle = obstacle(mayWaitInSystemCall);
        if (obstacle != null) {
          throw new IllegalStateException("-Dasyncio.poller=epoll cannot be had: " + obstacle);
        }
        try {
          yield new EpollMultiplexer();
        } catch (LinkageError e) {
          throw new IllegalStateException(
              "-Dasyncio.poller=epoll cannot be had: glibc is older than 2.34, or another C library"
                  + " is used",
              e);
        }
      }
      default ->
          throw new IllegalStateException(
              "-Dasyncio.poller=" + demanded + " is unknown; it may be epoll or selector");
    };
  }

  private static String demanded() {
    return System.getProperty("asyncio.poller", "");
  }

  /** Whether {@link #better} may ever give one to a poller that began with the JDK's. */
  static boolean mayImprove(boolean mayWaitInSystemCall) {
    return demanded().isEmpty() && obstacle(mayWaitInSystemCall) == null;
  }

  private static @Nullable String obstacle(boolean mayWaitInSystemCall) {
    return mayWaitInSystemCall
        ? Availability.obstacle()
        : "a loop of the portable engine is a virtual thread, which must not wait in a system call;"
            + " use the carried engine";
  }

  /**
   * An epoll if everything for it is loaded; else null, and it will be.
   *
   * @throws IOException if there cannot be one after all
   */
  static synchronized @Nullable Multiplexer better() throws IOException {
    if (preparation == null) {
      var begun = new CompletableFuture<Void>();
      preparation = begun;
      Thread.ofPlatform()
          .daemon()
          .name("asyncio-epoll")
          .inheritInheritableThreadLocals(false)
          .start(() -> prepare(begun));
    }
    if (preparation.isCompletedExceptionally()) {
      throw new IOException("epoll cannot be used", preparation.exceptionNow());
    }
    return preparation.isDone() ? new EpollMultiplexer() : null;
  }

  private static void prepare(CompletableFuture<Void> done) {
    try {
      EpollMultiplexer.rehearse();
      done.complete(null);
    } catch (IOException | LinkageError | RuntimeException e) { // another C library, for example
      done.completeExceptionally(e);
    }
  }
}

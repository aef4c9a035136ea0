package dev.asyncio.child;

import java.io.IOException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A child that was started. */
interface Child {
  long pid();

  /** Our end of one of its streams, or null if that is no pipe. */
  @Nullable PipeEnd pipe(int fd);

  /**
   * Begins to watch for the end. The exit status goes to {@code onLoop}, once; if the loop is
   * closed by then, the child is laid to rest without it.
   *
   * @throws IOException if it cannot be watched
   */
  void watch(IntConsumer onLoop) throws IOException;

  /** Sends a signal; does nothing to a child that has ended. */
  void signal(int number) throws IOException;

  /** Kills one that nobody watches, and lays it to rest. */
  default void end() {
    for (int fd = 0; fd <= 2; fd++) {
      PipeEnd pipe = pipe(fd);
      if (pipe != null) {
        pipe.close();
      }
    }
    try {
      signal(9);
      watch(_ -> {});
    } catch (IOException e) {
      System.getLogger("asyncio")
          .log(System.Logger.Level.WARNING, "process " + pid() + " cannot be ended", e);
    }
  }
}

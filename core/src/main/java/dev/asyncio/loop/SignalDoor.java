package dev.asyncio.loop;

import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The way from the operating system's signals to the program, on {@code sun.misc.Signal} of the
 * module {@code jdk.unsupported}, the only public one there is. In a run-time image without that
 * module the JVM's own handling of signals stays.
 */
public final class SignalDoor implements AutoCloseable {

  private final Signal signal;
  private final SignalHandler before;

  private SignalDoor(String name, Runnable action) {
    signal = new Signal(name);
    before = Signal.handle(signal, _ -> action.run());
  }

  /**
   * Has {@code action} run, on a thread of the JVM's, whenever the process gets the signal.
   *
   * @param name without {@code SIG}, as in {@code INT}
   * @return closing it restores what was before; null if that signal cannot be had here
   */
  public static @Nullable SignalDoor open(String name, Runnable action) {
    try {
      return new SignalDoor(name, action);
    } catch (NoClassDefFoundError | IllegalArgumentException unavailable) {
      return null;
    }
  }

  /** Whether the program had a handler of its own for the signal, rather than the JVM's. */
  public boolean replacesAnother() {
    return !before.getClass().getName().startsWith("sun.misc.Signal");
  }

  @Override
  public void close() {
    Signal.handle(signal, before);
  }
}

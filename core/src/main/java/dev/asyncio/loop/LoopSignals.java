package dev.asyncio.loop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The signals that a loop listens for.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * unix_events._UnixSelectorEventLoop.add_signal_handler}.
 */
final class LoopSignals {
  private static final String PREFIX = "SIG";

  private final AbstractEventLoop loop;
  private final Map<String, SignalDoor> doors = new HashMap<>();

  LoopSignals(AbstractEventLoop loop) {
    this.loop = loop;
  }

  void add(String sig, Runnable callback) {
    Objects.requireNonNull(callback, "callback");
    Context context = Context.copyContext();
    SignalDoor before = doors.put(name(sig), open(name(sig), callback, context));
    if (before != null) {
      before.close();
    }
  }

  private SignalDoor open(String name, Runnable callback, Context context) {
    return SignalDoor.listen(
        name,
        () -> {
          try {
            loop.callSoonThreadsafe(callback, context);
          } catch (IllegalStateException closed) {
            // it was on its way when the loop stopped listening
          }
        });
  }

  boolean remove(String sig) {
    SignalDoor.check(name(sig));
    SignalDoor door = doors.remove(name(sig));
    if (door != null) {
      door.close();
    }
    return door != null;
  }

  private static String name(String sig) {
    return sig.startsWith(PREFIX) ? sig.substring(PREFIX.length()) : sig;
  }

  /** The loop is closed. */
  void close() {
    doors.values().forEach(SignalDoor::close);
    doors.clear();
  }
}

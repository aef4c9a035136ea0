package dev.asyncio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** In debug mode, watches over a coroutine until it begins or is closed. */
final class NeverAwaited extends Expected {

  /** Whether any loop has ever been in debug mode; until then nothing has to be looked up. */
  private static volatile boolean needed;

  private final List<StackTraceElement> source = Errors.creationSite();

  private NeverAwaited(Coroutine<?> coroutine, AbstractEventLoop loop) {
    super(coroutine, loop, null);
  }

  static void needed() {
    needed = true;
  }

  /** For a coroutine that is being made; null where nobody wants to know. */
  static @Nullable NeverAwaited watch(Coroutine<?> coroutine) {
    if (!needed) {
      return null;
    }
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    return loop == null || !loop.getDebug() ? null : new NeverAwaited(coroutine, loop);
  }

  @Override
  ExceptionContext complaint() {
    return new ExceptionContext(
        "coroutine" + maker() + " was never awaited; await(…) it, or let createTask(…) run it",
        null,
        null,
        null,
        null,
        null,
        source);
  }

  /** The method that gave it out, which is what its user knows it by. */
  private String maker() {
    if (source.isEmpty()) {
      return "";
    }
    StackTraceElement frame = source.getFirst();
    return " '" + frame.getClassName() + "." + frame.getMethodName() + "'";
  }
}

package dev.asyncio;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** In debug mode, tells of a loop that was dropped without being closed. */
final class UnclosedLoop extends Garbage.Watch {

  /** Keeps the watches; what they watch it does not keep. */
  private static final Set<UnclosedLoop> OPEN = ConcurrentHashMap.newKeySet();

  private final String loop;
  private final List<StackTraceElement> source = Errors.creationSite();

  private UnclosedLoop(AbstractEventLoop loop) {
    super(loop);
    this.loop = WaitQueue.identity(loop);
  }

  static UnclosedLoop watch(AbstractEventLoop loop) {
    var watch = new UnclosedLoop(loop);
    OPEN.add(watch);
    return watch;
  }

  void closed() {
    clear();
    OPEN.remove(this);
  }

  @Override
  void found() {
    OPEN.remove(this);
    Log.ASYNCIO.log(
        System.Logger.Level.WARNING,
        "unclosed event loop <"
            + loop
            + ">: close() it, or let Asyncio.run(…) or a Runner do so"
            + "\nObject created at (most recent call first):"
            + Errors.text(source));
  }
}

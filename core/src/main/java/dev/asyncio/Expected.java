package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Something that a program has to do with an object before that is garbage and before the loop
 * closes, such as looking at an exception. What has not been done by then is reported to the loop's
 * exception handler, once.
 */
abstract class Expected extends Garbage.Watch {

  private final AbstractEventLoop loop;
  private final @Nullable Context where;
  private boolean settled; // guarded by this

  /**
   * @param where the context in which the handler is called; null for whatever is current then
   */
  Expected(Object watched, AbstractEventLoop loop, @Nullable Context where) {
    super(watched);
    this.loop = loop;
    this.where = where;
    loop.ending.expected().add(this); // which keeps it
  }

  /** What the handler is told; it must not hold the object. */
  abstract ExceptionContext complaint();

  /** It has been done. */
  final void done() {
    if (settle()) {
      loop.ending.expected().remove(this);
    }
  }

  private synchronized boolean settle() {
    boolean first = !settled;
    settled = true;
    return first;
  }

  private synchronized boolean settled() {
    return settled;
  }

  @Override
  final void found() {
    if (!settled()) {
      loop.ending.missed(this);
    }
  }

  /** Tells the exception handler, unless it has been done. Loop only. */
  final void report() {
    loop.ending.expected().remove(this);
    if (settle()) {
      Runnable tell = () -> loop.callExceptionHandler(complaint());
      if (where == null) {
        tell.run();
      } else {
        where.runUnlessEntered(tell);
      }
    }
  }
}

package dev.asyncio;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/**
 * Tells when an object has become garbage: {@link java.lang.ref.Cleaner} without its lock.
 *
 * <p>The lock is the point. A coroutine that came to it while the cleaner's thread had it would
 * stop there; on the carried engine others would go on meanwhile, and a task that fails would end a
 * turn late, now and then.
 */
final class Garbage {

  private static final ReferenceQueue<Object> FOUND = new ReferenceQueue<>();

  static {
    Thread.Builder.OfPlatform thread = Thread.ofPlatform().daemon().name("asyncio-garbage");
    Thread collector = thread.inheritInheritableThreadLocals(false).unstarted(Garbage::collect);
    collector.setContextClassLoader(null);
    collector.start();
  }

  private Garbage() {}

  /** Watches one object, as long as somebody keeps this; to stop it, {@link #clear} it. */
  abstract static class Watch extends WeakReference<Object> {

    Watch(Object watched) {
      super(watched, FOUND);
    }

    /** The object is garbage; called on a thread of its own, and must not take long. */
    abstract void found();
  }

  private static void collect() {
    while (true) {
      try {
        ((Watch) FOUND.remove()).found();
      } catch (InterruptedException | RuntimeException e) {
        Log.ASYNCIO.log(System.Logger.Level.ERROR, "in " + Thread.currentThread(), e);
      }
    }
  }
}

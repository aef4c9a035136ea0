package dev.asyncio.child;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads for the reads and writes of the JDK's pipes, which block. Platform threads: a virtual one
 * that blocks in a file takes one of at most 256 carriers along, so that 129 idle children would
 * stop all virtual threads of the program.
 */
final class BlockingCalls {
  private static final long STACK = 128 * 1024;

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(work -> {
        Thread.Builder.OfPlatform thread = Thread.ofPlatform().daemon().stackSize(STACK);
        Thread made =
            thread.name("asyncio-child").inheritInheritableThreadLocals(false).unstarted(work);
        made.setContextClassLoader(null);
        return made;
      });

  private BlockingCalls() {}

  static void start(Runnable call) {
    THREADS.execute(call);
  }
}

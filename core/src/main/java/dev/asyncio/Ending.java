package dev.asyncio;

import dev.asyncio.engine.Strand;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How a loop ends without losing anything: stacks that still wait are unwound, what has never been
 * looked at is told, and threads that wait for a result are let go.
 */
final class Ending {

  private final AbstractEventLoop loop;

  // --- loop thread only
  private final Unclosed.All unclosed = new Unclosed.All();

  // --- any thread
  private final Set<Expected> expected = ConcurrentHashMap.newKeySet();
  private final Set<CompletableFuture<?>> stages = ConcurrentHashMap.newKeySet();

  /** Held by whoever lets stacks go on after the loop was closed: one at a time, as ever. */
  private final ReentrantLock unwinding = new ReentrantLock();

  Ending(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /** What has to be closed before the end. */
  Unclosed.All unclosed() {
    return unclosed;
  }

  /** What has to be done before the end; a member is kept from becoming garbage. */
  Set<Expected> expected() {
    return expected;
  }

  /** What threads outside may be waiting for. */
  Set<CompletableFuture<?>> stages() {
    return stages;
  }

  /** An object has become garbage before what had to be done with it. */
  void missed(Expected what) {
    if (!loop.isClosed()) {
      loop.enqueueThreadsafe(what::report);
    }
  }

  /** The loop has closed. Its former thread, or whoever called close. */
  void close() {
    List<Task<?>> pending = loop.tasks.snapshot();
    for (Task<?> task : pending) {
      loop.callExceptionHandler(
          ExceptionContext.of("Task was destroyed but it is pending!").future(task));
    }
    if (!pending.isEmpty() || !loop.generators.isEmpty()) {
      loop.drive(() -> unwind(pending));
    }
    List.copyOf(expected).forEach(Expected::report);
    List.copyOf(stages).forEach(stage -> stage.cancel(false));
    Unclosed.atEndOf(loop);
  }

  /**
   * Has every stack end. One that stands in a blocking JDK call does so when that lets it go on.
   */
  private void unwind(List<Task<?>> pending) {
    unwinding.lock();
    try {
      pending.forEach(Task::abandon);
      loop.generators.abandon();
      boolean any;
      do {
        any = false;
        for (Task<?> task : pending) {
          any |= task.unwindFurther();
        }
      } while (any);
    } finally {
      unwinding.unlock();
    }
  }

  /** A stack that stood in a blocking JDK call when the loop closed can go on. */
  void unblocked(Strand strand) {
    Thread.ofPlatform().daemon().name("asyncio-after-close").start(() -> unwindLater(strand));
  }

  private void unwindLater(Strand strand) {
    unwinding.lock();
    try {
      strand.proceed();
    } finally {
      unwinding.unlock();
    }
  }
}

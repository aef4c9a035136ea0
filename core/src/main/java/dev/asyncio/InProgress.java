package dev.asyncio;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is in the middle of: connections, and handlers of streams, which may have more to
 * do when their connection is gone.
 *
 * <p><b>Threads:</b> the worker's loop; any may read the numbers.
 */
final class InProgress {
  private final AbstractEventLoop loop;

  // --- written by the loop, any thread may read
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger handlers = new AtomicInteger();

  // --- loop only
  private final Set<Task<?>> handling = new LinkedHashSet<>();
  private @Nullable Future<@Nullable Void> untilIdle;

  InProgress(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /**
   * A connection has come or gone.
   *
   * @param change 1 or -1
   */
  void connection(int change) {
    if (change > 0) {
      accepted.incrementAndGet();
    }
    connections.addAndGet(change);
    wakeIfIdle();
  }

  /** Runs a handler, which is the current task. */
  void handle(Action handler) throws Exception {
    Task<?> task = Objects.requireNonNull(loop.now.task);
    handling.add(task);
    handlers.incrementAndGet();
    try {
      handler.run();
    } finally {
      handling.remove(task);
      handlers.decrementAndGet();
      wakeIfIdle();
    }
  }

  private boolean isIdle() {
    return connections.get() == 0 && handling.isEmpty();
  }

  private void wakeIfIdle() {
    if (untilIdle != null && !untilIdle.done() && isIdle()) {
      untilIdle.setResult(null);
    }
  }

  /** Waits until all have ended by themselves. For one task at a time; inside a coroutine. */
  void awaitEnd() {
    while (!isIdle()) {
      untilIdle = loop.createFuture();
      untilIdle.await();
    }
  }

  /** Cancels the handlers and waits until they have ended. Inside a coroutine. */
  void cancelHandlers() {
    while (!handling.isEmpty()) {
      List<Task<?>> cancelled = List.copyOf(handling);
      cancelled.forEach(Task::cancel);
      new WaitUntil<>(cancelled, null, ReturnWhen.ALL_COMPLETED).await();
    }
  }

  WorkerStatistics statistics(int index) {
    return new WorkerStatistics(
        index, accepted.get(), connections.get(), handlers.get(), loop.statistics());
  }
}

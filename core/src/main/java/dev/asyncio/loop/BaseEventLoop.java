package dev.asyncio.loop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Clock;
import dev.asyncio.Context;
import dev.asyncio.Coroutine;
import dev.asyncio.EngineKind;
import dev.asyncio.ExceptionContext;
import dev.asyncio.ExceptionHandler;
import dev.asyncio.Future;
import dev.asyncio.Handle;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.LoopStatistics;
import dev.asyncio.SystemExit;
import dev.asyncio.Task;
import dev.asyncio.TimerHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A loop without I/O of its own: the ready queue, the timers, the turn, and the life from running
 * to closed. Loops extend it and say how they poll.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.BaseEventLoop}.
 */
@SuppressWarnings("this-escape") // its parts only keep the reference
public abstract class BaseEventLoop extends AbstractEventLoop {

  private static final Duration SLOW = Duration.ofMillis(100);
  private static final long LONGEST_WAIT = Duration.ofDays(1).toNanos();

  // --- set once, any thread may read
  private final Clock clock;
  private final Inbox inbox = new Inbox(this::wakeUp);
  private final DefaultExecutor defaultExecutor = new DefaultExecutor(this);
  private final Consumer<Runnable> becomeReady = this::becomeReady; // bound once
  private final Consumer<Runnable> arrive = this::arrive; // bound once

  // --- loop thread only
  // Invariant: a handle is in at most one of arrived, ready and timers.
  private final ArrayDeque<Runnable> arrived = new ArrayDeque<>(); // I/O events for turns to come
  private final ReadyQueue ready = new ReadyQueue();
  private final TimerQueue timers = new TimerQueue();

  private @Nullable ExceptionHandler exceptionHandler;
  private Duration slowCallbackDuration = SLOW;

  private final Watchdog watchdog = new Watchdog(this::workingThread);

  // --- any thread
  private volatile boolean running;
  private volatile boolean stopping;
  private volatile boolean closed;

  /**
   * @param engineKind as {@link AbstractEventLoop#AbstractEventLoop}
   * @param clock the loop's time
   */
  protected BaseEventLoop(@Nullable EngineKind engineKind, Clock clock) {
    super(engineKind);
    this.clock = clock;
    setDebug(
        Boolean.getBoolean("asyncio.debug")
            || !System.getenv().getOrDefault("ASYNCIO_DEBUG", "").isEmpty());
  }

  // ---- what a kind of loop has to say

  /**
   * Waits for I/O and gives the callbacks of what is ready to {@code ready}. Not called again
   * before all of them are among what a turn runs.
   *
   * @param nanos how long at most; 0 not to wait, {@link Long#MAX_VALUE} for ever
   */
  protected abstract void poll(long nanos, Consumer<? super Handle> ready) throws IOException;

  /**
   * How many of the events that {@link #poll} brought a turn takes on. What they wake runs in the
   * next one, with the data still in the cache; a thousand large messages read at once would have
   * pushed each other out of it.
   */
  protected int eventsATurn() {
    return Batch.LEAST;
  }

  /** Ends a wait in {@link #poll}. Any thread. */
  protected abstract void wakeUp();

  /** Lets go of what polling needs. */
  protected abstract void closePoller() throws IOException;

  // ---- running

  @Override
  public final void runForever() {
    checkClosed();
    checkNotRunning();
    drive(this::turns);
  }

  private void checkNotRunning() {
    if (running) {
      throw new IllegalStateException("This event loop is already running");
    }
    if (runningOrNull() != null) {
      throw new IllegalStateException(
          "Cannot run the event loop while another loop is running in this thread; await there"
              + " instead, or run this one in a thread of its own");
    }
  }

  // ---- inside another loop

  /**
   * What {@link #runForever} does before its first turn, for a loop that lives inside another one,
   * such as that of a user interface. That has the current thread, calls {@link #runOnce} as it
   * sees fit until {@link #isStopping}, and {@link #runForeverCleanup} in the end.
   *
   * <p><b>Threads:</b> with the carried engine a platform thread.
   *
   * <p><b>Source:</b> CPython 3.14, {@code BaseEventLoop._run_forever_setup}.
   */
  protected final void runForeverSetup() {
    checkClosed();
    checkNotRunning();
    attach();
    running = true;
  }

  /** Ends what {@link #runForeverSetup} began. The loop can be run again, or closed. */
  protected final void runForeverCleanup() {
    stopping = false;
    running = false;
    watchdog.close();
    detach();
  }

  /** Whether {@link #stop} has been called and the run has not ended yet. Any thread. */
  protected final boolean isStopping() {
    return stopping;
  }

  private void turns() {
    running = true;
    boolean interrupted = false;
    try {
      do {
        runOnce();
        if (Thread.interrupted()) {
          interrupted = true;
          interrupted();
        }
      } while (!stopping);
    } finally {
      stopping = false;
      running = false;
      watchdog.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public final <T extends @Nullable Object> T runUntilComplete(dev.asyncio.Awaitable<T> awaitable) {
    checkClosed();
    checkNotRunning();
    boolean ours = !(awaitable instanceof Future<?>);
    Future<T> future = ensureFuture(awaitable);
    Consumer<Future<T>> stopWhenDone = this::stopWhenDone;
    future.addDoneCallback(stopWhenDone);
    try {
      runForever();
    } catch (Throwable e) {
      if (ours && future.done() && !future.cancelled()) {
        future.exception(); // retrieved: the caller has no access to the task
      }
      throw e;
    } finally {
      future.removeDoneCallback(stopWhenDone);
    }
    if (!future.done()) {
      throw new IllegalStateException(
          "Event loop stopped before Future completed: " + future + "; who called stop()?");
    }
    return future.result();
  }

  private void stopWhenDone(Future<?> future) {
    Throwable e = future.cancelled() ? null : future.exception();
    if (!fatal(e)) { // a fatal error has ended the run already
      stop();
    }
  }

  private static boolean fatal(@Nullable Throwable e) {
    return e instanceof KeyboardInterrupt || e instanceof SystemExit;
  }

  @Override
  public final void stop() {
    stopping = true;
    if (!onLoop()) {
      inbox.wake();
    }
  }

  @Override
  public final boolean isRunning() {
    return running;
  }

  @Override
  public final boolean isClosed() {
    return closed;
  }

  @Override
  public final void close() {
    if (running) {
      throw new IllegalStateException(
          "Cannot close a running event loop; stop() it and close it when runForever() returned");
    }
    if (closed) {
      return;
    }
    closed = true;
    arrived.clear();
    ready.clear();
    timers.clear();
    inbox.clear();
    defaultExecutor.abandon();
    closeTasks();
    try {
      closePoller();
    } catch (IOException e) {
      throw new UncheckedIOException("the event loop is closed, but its poller failed to be", e);
    }
  }

  // ---- the turn

  /**
   * One turn: poll, gather what is due, run what was ready. {@link #runForever} calls it, and
   * nobody else unless between {@link #runForeverSetup} and {@link #runForeverCleanup}.
   *
   * <p><b>Source:</b> CPython 3.14, {@code BaseEventLoop._run_once}.
   */
  protected final void runOnce() {
    timers.dropCancelled();
    if (arrived.isEmpty()) {
      try {
        pollAsLongAsIdle();
      } catch (IOException e) {
        throw new UncheckedIOException("polling for I/O failed", e);
      }
    } else {
      beginTurn(true);
    }
    takeArrived();
    inbox.drainTo(becomeReady);
    if (!timers.isEmpty()) {
      timers.drainDue(clock.nanoTime(), becomeReady);
    }
    runReadyAsOfNow();
  }

  private void pollAsLongAsIdle() throws IOException {
    if (stopping || !ready.isEmpty() || !inbox.isEmpty()) {
      pollFor(0);
      return;
    }
    try {
      pollFor(inbox.announceSleep() && !stopping ? clock.idle(untilNextTimer()) : 0);
    } finally {
      inbox.awake();
    }
  }

  private void pollFor(long nanos) throws IOException {
    beginTurn(nanos == 0);
    poll(nanos, arrive);
  }

  private void takeArrived() {
    if (!arrived.isEmpty()) {
      for (int left = eventsATurn(); left > 0 && !arrived.isEmpty(); left--) {
        ready.add(arrived.remove());
      }
    }
  }

  private long untilNextTimer() {
    if (timers.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long now = clock.nanoTime();
    long earliest = timers.earliest(); // it may be so far back that the difference overflows
    return earliest <= now ? 0 : Math.min(earliest - now, LONGEST_WAIT);
  }

  /** Only what is ready now: a callback that keeps rescheduling itself must not starve I/O. */
  private void runReadyAsOfNow() {
    ready.beginTurn();
    Runnable entry;
    while ((entry = ready.next()) != null) {
      if (getDebug()) {
        runMeasured(entry);
      } else {
        entry.run();
      }
    }
  }

  private void runMeasured(Runnable entry) {
    long patience = slowCallbackDuration.toNanos();
    watchdog.begin(entry, patience);
    try {
      entry.run();
    } finally {
      long took = watchdog.end();
      if (took >= patience) {
        Log.ASYNCIO.log(
            System.Logger.Level.WARNING,
            "Executing {0} took {1} ms; nothing else ran meanwhile: move the work to toThread(…)",
            entry,
            took / 1_000_000);
      }
    }
  }

  @Override
  protected final @Nullable Task<?> takeNextStep(boolean first) {
    return getDebug() ? null : ready.nextStep(first);
  }

  // ---- scheduling

  @Override
  protected final void enqueue(Runnable entry) {
    if (!closed) {
      ready.add(entry);
    }
  }

  private void becomeReady(Runnable entry) {
    ready.add(entry);
  }

  private void arrive(Runnable event) {
    arrived.add(event);
  }

  @Override
  protected final void enqueueThreadsafe(Runnable callback) {
    Handle handle = handle(callback, new Context());
    if (onLoop()) {
      ready.add(handle);
    } else {
      inbox.post(handle);
    }
  }

  @Override
  public final Handle callSoon(Runnable callback, @Nullable Context context) {
    checkClosed();
    checkThread("callSoon");
    Handle handle = handle(callback, context);
    ready.add(handle);
    return handle;
  }

  @Override
  public final Handle callSoonThreadsafe(Runnable callback, @Nullable Context context) {
    checkClosed();
    Handle handle = handle(callback, context);
    if (onLoop()) {
      ready.add(handle);
    } else {
      inbox.post(handle);
    }
    return handle;
  }

  @Override
  protected final TimerHandle callAtNanos(long when, Runnable callback, @Nullable Context context) {
    checkClosed();
    checkThread("callAt");
    TimerHandle timer = timer(when, callback, context);
    timers.add(timer);
    return timer;
  }

  @Override
  protected final void timerCancelled(TimerHandle timer) {
    timers.cancelled();
  }

  @Override
  protected final long timeNanos() {
    return clock.nanoTime();
  }

  // ---- other threads

  @Override
  public final <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<T> callable) {
    checkClosed();
    checkThread("runInExecutor");
    return defaultExecutor.submit(executor, callable);
  }

  @Override
  public final void setDefaultExecutor(ExecutorService executor) {
    defaultExecutor.replace(executor);
  }

  @Override
  public final Coroutine<@Nullable Void> shutdownDefaultExecutor(@Nullable Duration timeout) {
    return Coroutine.of(() -> defaultExecutor.shutdown(timeout));
  }

  // ---- errors and debugging

  @Override
  public final void setExceptionHandler(@Nullable ExceptionHandler handler) {
    exceptionHandler = handler;
  }

  @Override
  public final @Nullable ExceptionHandler getExceptionHandler() {
    return exceptionHandler;
  }

  @Override
  public void defaultExceptionHandler(ExceptionContext context) {
    Log.ASYNCIO.log(System.Logger.Level.ERROR, context::toString, context.exception());
  }

  @Override
  public final void callExceptionHandler(ExceptionContext context) {
    inContextOf(context.task(), () -> tell(context));
  }

  private void tell(ExceptionContext context) {
    ExceptionHandler handler = exceptionHandler;
    if (handler == null) {
      tellDefault(context);
      return;
    }
    try {
      handler.handle(this, context);
    } catch (Throwable e) { // neither an error nor its report may stop the loop
      if (fatal(e)) {
        throw e;
      }
      tellDefault(ExceptionContext.of("Unhandled error in exception handler").exception(e));
      tellDefault(context);
    }
  }

  private void tellDefault(ExceptionContext context) {
    try {
      defaultExceptionHandler(context);
    } catch (Throwable e) {
      if (fatal(e)) {
        throw e;
      }
      Log.ASYNCIO.log(System.Logger.Level.ERROR, "Exception in default exception handler", e);
    }
  }

  @Override
  public final Duration slowCallbackDuration() {
    return slowCallbackDuration;
  }

  @Override
  public final void slowCallbackDuration(Duration duration) {
    slowCallbackDuration = Objects.requireNonNull(duration, "duration");
  }

  @Override
  public final LoopStatistics statistics() {
    return statistics(arrived.size() + ready.size(), timers.waiting(), ready.turns());
  }

  @Override
  public String toString() {
    return "<"
        + getClass().getSimpleName()
        + " running="
        + running
        + " closed="
        + closed
        + " debug="
        + getDebug()
        + " engine="
        + engineKind()
        + ">";
  }
}

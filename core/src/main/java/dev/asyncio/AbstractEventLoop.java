package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.engine.CarriedEngine;
import dev.asyncio.engine.Engine;
import dev.asyncio.engine.PortableEngine;
import dev.asyncio.engine.Steps;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An event loop: one thread that runs callbacks, steps tasks and watches timers and I/O.
 *
 * <p>This class is the loop's public face and what it shares with its tasks; {@code
 * dev.asyncio.loop} has the loops themselves. Programs seldom need it: {@link Asyncio#run} makes
 * one, {@link Asyncio#runningLoop} gives it.
 *
 * <p><b>Threads:</b> loop only, except for {@link #callSoonThreadsafe}, {@link #stop}, {@link
 * #isRunning}, {@link #isClosed}, {@link #time}, and what says so itself. In debug mode a call from
 * another thread is an error that names the method to use instead.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.AbstractEventLoop}.
 */
public abstract class AbstractEventLoop
    implements Networking, SocketOperations, Subprocesses, AutoCloseable {

  private static final AtomicLong TASK_NUMBERS = new AtomicLong();

  // --- set once
  @SuppressWarnings("this-escape") // only kept, to be given to code that runs on this loop
  final Current now = new Current(this);

  final Engine engine;
  private final EngineKind engineKind;

  // --- loop thread only
  final TaskList tasks = new TaskList();

  @SuppressWarnings("this-escape") // only kept
  final Generators generators = new Generators(this);

  private boolean debug;
  private @Nullable UnclosedLoop watch;
  private boolean blockingCallsForbidden;
  private @Nullable Throwable fatal;
  private @Nullable TaskFactory taskFactory;

  // --- any thread
  volatile @Nullable Runnable onInterrupt;

  @SuppressWarnings("this-escape") // only kept
  final Ending ending = new Ending(this);

  /**
   * @param engineKind the engine; null for what {@code -Dasyncio.engine} says, else the carried one
   *     where it can be had
   * @throws IllegalStateException if an engine is asked for that this JVM cannot give, with what
   *     would mend it
   */
  @SuppressWarnings("this-escape") // only kept, for steps to come
  protected AbstractEventLoop(@Nullable EngineKind engineKind) {
    this.engineKind = engineKind != null ? engineKind : EngineKind.chosen();
    Steps steps = new LoopSteps(this);
    this.engine =
        switch (this.engineKind) {
          case CARRIED -> new CarriedEngine(steps);
          case PORTABLE -> new PortableEngine(steps);
        };
  }

  // ---- which loop

  /**
   * The loop that the current thread is on.
   *
   * @throws IllegalStateException if there is none
   */
  public static AbstractEventLoop running() {
    AbstractEventLoop loop = runningOrNull();
    if (loop == null) {
      throw new IllegalStateException(
          "no running event loop in "
              + Thread.currentThread()
              + "; start one with Asyncio.run(…), or from another thread hand the work over with"
              + " loop.callSoonThreadsafe(…) or runCoroutineThreadsafe(…)");
    }
    return loop;
  }

  /** The loop that the current thread is on, or null. */
  public static @Nullable AbstractEventLoop runningOrNull() {
    Current now = Current.here();
    return now == null ? null : now.loop;
  }

  static @Nullable Task<?> currentTaskOrNull() {
    Current now = Current.here();
    return now == null ? null : now.task;
  }

  /** The task that is about to await {@code awaited}. */
  static Task<?> requireTask(Object awaited) {
    Task<?> task = currentTaskOrNull();
    if (task == null) {
      throw noTask(awaited);
    }
    return task;
  }

  private static IllegalStateException noTask(Object awaited) {
    return new IllegalStateException(
        runningOrNull() == null
            ? "await outside of an event loop: "
                + awaited
                + " can only be awaited inside a coroutine; call Asyncio.run(async(() -> …))"
                + " here, or runCoroutineThreadsafe(…).join() beside a loop that runs elsewhere"
            : "await inside a plain callback: "
                + awaited
                + " can only be awaited inside a coroutine; make a task of it with"
                + " createTask(…)");
  }

  /** Which engine it has. */
  public final EngineKind engineKind() {
    return engineKind;
  }

  // ---- running

  /** Runs until {@link #stop}. */
  public abstract void runForever();

  /**
   * Runs until {@code awaitable} is done.
   *
   * <p><b>Errors:</b> throws what it failed with; {@link IllegalStateException} if the loop is
   * stopped first, is running already or is closed.
   */
  public abstract <T extends @Nullable Object> T runUntilComplete(Awaitable<T> awaitable);

  /**
   * Has the loop return at the end of the current turn, or after one turn if it does not run yet.
   *
   * <p><b>Threads:</b> any.
   */
  public abstract void stop();

  /** Whether it runs now. */
  public abstract boolean isRunning();

  /** Whether it is closed. */
  public abstract boolean isClosed();

  /**
   * Drops what is scheduled, shuts the default executor down without waiting, unwinds the stacks of
   * unfinished tasks and lets go of the selector. Does nothing the second time.
   *
   * @throws IllegalStateException if it is running
   */
  @Override
  public abstract void close();

  /**
   * Closes the {@linkplain AsyncGenerator generators} that have begun and not ended, all at once.
   * One that begins afterwards gives a warning.
   *
   * <p><b>Errors:</b> what goes wrong in one goes to the exception handler.
   */
  @CheckReturnValue
  public final Coroutine<@Nullable Void> shutdownAsyncgens() {
    return Coroutine.of(generators::shutdown);
  }

  /**
   * Refuses new work for the default executor and waits for what it runs.
   *
   * @param timeout after which a warning is logged and the threads are left alone; null for ever
   */
  @CheckReturnValue
  public abstract Coroutine<@Nullable Void> shutdownDefaultExecutor(@Nullable Duration timeout);

  // ---- callbacks

  /** Has {@code callback} called in the next turn, in a copy of the current context. */
  public final Handle callSoon(Runnable callback) {
    return callSoon(callback, null);
  }

  /**
   * Has {@code callback} called in the next turn.
   *
   * <p><b>Order and cost:</b> first come, first served; O(1).
   *
   * <p><b>Errors:</b> what the callback throws goes to the exception handler.
   *
   * @param context the context it runs in; null for a copy of the current one
   * @throws IllegalStateException if the loop is closed
   */
  public abstract Handle callSoon(Runnable callback, @Nullable Context context);

  /** As {@link #callSoon(Runnable)}, from any thread; wakes the loop if it waits. */
  public final Handle callSoonThreadsafe(Runnable callback) {
    return callSoonThreadsafe(callback, null);
  }

  /**
   * As {@link #callSoon(Runnable, Context)}, from any thread; wakes the loop if it waits.
   *
   * @throws IllegalStateException if the loop is closed
   */
  public abstract Handle callSoonThreadsafe(Runnable callback, @Nullable Context context);

  /** Has {@code callback} called after {@code delay}, in a copy of the current context. */
  public final TimerHandle callLater(Duration delay, Runnable callback) {
    return callLater(delay, callback, null);
  }

  /**
   * Has {@code callback} called after {@code delay}, never more than a clock tick early. A delay
   * that is not positive means the next turn.
   *
   * <p><b>Order and cost:</b> by time; the order at one instant is that of CPython's heap; O(log
   * n).
   *
   * @param context the context it runs in; null for a copy of the current one
   */
  public final TimerHandle callLater(Duration delay, Runnable callback, @Nullable Context context) {
    return callAtNanos(Durations.later(timeNanos(), delay), callback, context);
  }

  /** Has {@code callback} called at a {@link #time} of this loop. */
  public final TimerHandle callAt(Duration when, Runnable callback) {
    return callAt(when, callback, null);
  }

  /** As {@link #callLater(Duration, Runnable, Context)}, at a {@link #time} of this loop. */
  public final TimerHandle callAt(Duration when, Runnable callback, @Nullable Context context) {
    return callAtNanos(Durations.nanos(when), callback, context);
  }

  /** {@link #callAt} with the time in nanoseconds. */
  protected abstract TimerHandle callAtNanos(
      long when, Runnable callback, @Nullable Context context);

  /** The loop's monotonic clock. */
  public final Duration time() {
    return Duration.ofNanos(timeNanos());
  }

  /** The loop's monotonic clock in nanoseconds. */
  protected abstract long timeNanos();

  // ---- futures, tasks, executors

  /** A future of this loop. */
  public <T extends @Nullable Object> Future<T> createFuture() {
    return new Future<>(this);
  }

  /** Makes a task of {@code coroutine} through the task factory. */
  public final <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
    return createTask(coroutine, TaskOptions.defaults());
  }

  /**
   * Makes a task of {@code coroutine} through the task factory.
   *
   * @throws IllegalStateException if the loop is closed
   */
  public final <T extends @Nullable Object> Task<T> createTask(
      Coroutine<T> coroutine, TaskOptions options) {
    checkClosed();
    checkThread("createTask");
    TaskFactory factory = taskFactory;
    return factory == null
        ? Task.create(this, coroutine, options)
        : factory.create(this, coroutine, options);
  }

  /** Has {@code factory} make the tasks; null for the usual ones. */
  public final void setTaskFactory(@Nullable TaskFactory factory) {
    taskFactory = factory;
  }

  /** The factory in use, or null. */
  public final @Nullable TaskFactory getTaskFactory() {
    return taskFactory;
  }

  /**
   * Runs {@code callable} in an executor, on another thread.
   *
   * <p><b>Cancellation:</b> cancelling the future leaves a call that has begun to itself.
   *
   * @param executor null for the default one, which has a virtual thread for each call
   */
  public abstract <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<T> callable);

  /** Replaces the default executor. */
  public abstract void setDefaultExecutor(ExecutorService executor);

  // ---- errors and debugging

  /** Has {@code handler} told of errors that nobody awaits; null to have them logged. */
  public abstract void setExceptionHandler(@Nullable ExceptionHandler handler);

  /** The handler that was set, or null. */
  public abstract @Nullable ExceptionHandler getExceptionHandler();

  /** Logs an error; what happens without a handler. */
  public abstract void defaultExceptionHandler(ExceptionContext context);

  /** Hands an error to the handler in use. */
  public abstract void callExceptionHandler(ExceptionContext context);

  /** Whether the loop is in debug mode. */
  public final boolean getDebug() {
    return debug;
  }

  /** Switches debug mode. */
  public final void setDebug(boolean enabled) {
    debug = enabled;
    if (enabled) {
      NeverAwaited.needed();
      if (watch == null && !isClosed()) {
        watch = UnclosedLoop.watch(this);
      }
    }
  }

  /** How long a callback or a step may take before debug mode reports it; 100 ms at first. */
  public abstract Duration slowCallbackDuration();

  /** Sets how long a callback or a step may take before debug mode reports it. */
  public abstract void slowCallbackDuration(Duration duration);

  /**
   * Whether a coroutine may stop in a blocking JDK call such as {@link Thread#sleep}, which on the
   * carried engine suspends its task without an {@code await} in sight. It may at first.
   *
   * <p>Where it may not, the call is interrupted, and the task gets an {@link
   * IllegalStateException} that names the call and its line: in place of the call's own answer to
   * the interrupt, or, from a call that cannot be interrupted, at the next {@code await}. On the
   * portable engine such a call stalls the loop instead, which debug mode reports.
   *
   * <p><b>Source:</b> none in CPython, where every blocking call stalls the loop.
   */
  public final void forbidBlockingCalls(boolean forbidden) {
    blockingCallsForbidden = forbidden;
  }

  /** Whether {@link #forbidBlockingCalls} is in force. */
  public final boolean blockingCallsForbidden() {
    return blockingCallsForbidden;
  }

  /**
   * How much it has to do, and what it holds.
   *
   * <p><b>Order and cost:</b> O(1), from counters that the loop needs anyway.
   *
   * <p><b>Threads:</b> any; while the loop runs, another thread may get numbers that are a little
   * old, and not all of the same moment.
   */
  public abstract LoopStatistics statistics();

  // ---- for loops and for the core

  /** Puts a callback or a task's step at the end of the ready queue. */
  protected abstract void enqueue(Runnable entry);

  /** Puts a callback at the end of the ready queue, from any thread. */
  protected abstract void enqueueThreadsafe(Runnable callback);

  /**
   * Takes the next entry if it is the step of a task and this turn still has to run it.
   *
   * @param first whether it must be the task's first step, too
   */
  protected abstract @Nullable Task<?> takeNextStep(boolean first);

  /** Told of every timer that is cancelled while it is in the queue. */
  protected abstract void timerCancelled(TimerHandle timer);

  /**
   * The thread that runs the loop, or waits for it, was interrupted: what {@link Runner} set is
   * done, or else the loop is stopped. Any thread.
   */
  protected final void interrupted() {
    Runnable action = onInterrupt;
    if (action == null) {
      stop();
    } else if (!isClosed()) {
      callSoonThreadsafe(action);
    }
  }

  /** {@code awaitable} itself if it is a future, else a task of this loop that awaits it. */
  protected final <T extends @Nullable Object> Future<T> ensureFuture(Awaitable<T> awaitable) {
    return Futures.ensure(awaitable, this);
  }

  /** Runs {@code turns} on a thread that can step tasks, as this loop's thread. */
  protected final void drive(Runnable turns) {
    engine.drive(
        () -> {
          now.attach();
          try {
            turns.run();
          } finally {
            now.detach();
          }
        },
        this::interrupted);
  }

  /**
   * Makes the current thread this loop's until {@link #detach}, where not {@link #drive} but
   * another loop, that of a user interface for instance, has the thread and runs the turns.
   */
  protected final void attach() {
    engine.attach();
    now.attach();
  }

  /** Ends what {@link #attach} began. */
  protected final void detach() {
    now.detach();
    engine.detach();
  }

  /**
   * To be called in each turn before it polls, for the sake of other threads.
   *
   * @param busy whether it will not wait for anything
   */
  protected final void beginTurn(boolean busy) {
    engine.beginTurn(busy);
  }

  /** Whether the current thread is this loop's, or that of the task being stepped. */
  protected final boolean onLoop() {
    return now.isHere();
  }

  /** The thread on which the loop's present work is done: a coroutine's, or the loop's own. */
  protected final @Nullable Thread workingThread() {
    Task<?> task = now.task;
    Thread stepped = task == null ? null : task.thread();
    return stepped != null ? stepped : now.loopThread();
  }

  /** The thread that runs the loop, or null. */
  protected final @Nullable Thread loopThread() {
    return now.loopThread();
  }

  /** Runs {@code action} in the context of {@code task}, or as things are if that is null. */
  protected final void inContextOf(@Nullable Task<?> task, Runnable action) {
    if (task == null) {
      action.run();
    } else {
      task.getContext().runUnlessEntered(action);
    }
  }

  /** A callback's handle, for implementations of {@link #callSoon(Runnable, Context)}. */
  protected final Handle handle(Runnable callback, @Nullable Context context) {
    return new Handle(this, callback, context);
  }

  /** A timer's handle, for implementations of {@link #callAtNanos}. */
  protected final TimerHandle timer(long when, Runnable callback, @Nullable Context context) {
    return new TimerHandle(this, when, callback, context);
  }

  /** The numbers of a loop's own, with those that are the same for all loops. Any thread. */
  protected final LoopStatistics statistics(int ready, int timers, long turns) {
    return new LoopStatistics(tasks.size(), ready, timers, turns, engine.strands());
  }

  /** The tasks that are not done, in the order of their creation; from any thread. */
  protected final List<Task<?>> unfinishedTasks() {
    return tasks.snapshot();
  }

  /** What is left to do for the core when the loop closes. */
  protected final void closeTasks() {
    if (watch != null) {
      watch.closed();
    }
    ending.close();
  }

  /** The transport or server that is watched over and stands on {@code underneath}, or null. */
  protected final @Nullable Object ownerOf(Object underneath) {
    return Unclosed.on(this, underneath);
  }

  /** Refuses to work when closed. */
  protected final void checkClosed() {
    if (isClosed()) {
      throw new IllegalStateException(
          "Event loop is closed; Asyncio.run(…) or newEventLoop() makes a new one");
    }
  }

  /** In debug mode, refuses a call from a thread that the loop does not run on. */
  protected final void checkThread(String method) {
    if (getDebug() && isRunning() && !now.isHere()) {
      throw new IllegalStateException(
          "Non-thread-safe operation invoked on an event loop other than the current one: "
              + method
              + " was called on "
              + Thread.currentThread()
              + ", but the loop runs on "
              + now.loopThread()
              + "; from another thread use loop.callSoonThreadsafe(…)");
    }
  }

  final long nextTaskNumber() {
    return TASK_NUMBERS.incrementAndGet();
  }

  /** A task ended with an error that has to leave the loop at once. */
  final void fatal(Throwable e) {
    fatal = e;
  }

  final boolean hasFatal() {
    return fatal != null;
  }

  final void throwIfFatal() {
    Throwable e = fatal;
    if (e != null) {
      fatal = null;
      throw Errors.unchecked(e);
    }
  }
}

package dev.asyncio;

import dev.asyncio.engine.PinnedException;
import dev.asyncio.engine.Strand;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that is scheduled on an event loop: it runs by and by, in steps from one suspension to
 * the next, and is a {@link Future} for the coroutine's outcome.
 *
 * <p>The loop holds its unfinished tasks strongly, so a task needs no reference to stay alive.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Task}.
 *
 * @param <T> what the coroutine gives
 */
public final class Task<T extends @Nullable Object> extends Future<T> implements Runnable {

  private final Coroutine<T> coroutine;

  /** The name, or the number of a generated one. */
  private Object name;

  /** A {@link Context}, or the {@link Vars} for one that nobody has asked for yet. */
  private Object scope;

  // Neighbours in the loop's list of unfinished tasks; see TaskList.
  @Nullable Task<?> previous;
  volatile @Nullable Task<?> next;

  /** The stack it runs on; null before its first step and after its last. */
  private @Nullable Strand strand;

  /** What it waits for, until the step after. */
  private @Nullable Future<?> waiter;

  /** What the next step throws at the place where the coroutine is suspended. */
  private @Nullable Throwable thrown;

  /** What the strand had as its scope when it stopped in a blocking JDK call. */
  private @Nullable Object blockedScope;

  /** Whether an entry in the ready queue is void, since the strand could not suspend after all. */
  private boolean voidStep;

  // Cancellation: a request that has not been delivered, its message, and the open requests.
  private boolean mustCancel;
  private boolean interrupted;
  private @Nullable String cancelMessage;
  private int cancelRequests;

  private Task(AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
    super(loop);
    this.coroutine = coroutine;
    String given = options.name();
    this.name = given != null ? given : loop.nextTaskNumber();
    Context context = options.context();
    this.scope = context != null ? context : Context.snapshot();
  }

  /**
   * Makes a task and schedules its first step, or runs that at once if {@code options} asks for an
   * eager start and the loop is running. For task factories; others use {@link Asyncio#createTask}.
   */
  public static <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
    var task = new Task<>(loop, coroutine, options);
    loop.tasks.add(task);
    if (Boolean.TRUE.equals(options.eagerStart()) && loop.affinity.here()) {
      task.startEagerly();
    } else {
      loop.enqueue(task);
    }
    return task;
  }

  // ---- asking

  /** The name: the one it was given, or {@code Task-N}. */
  public String getName() {
    if (name instanceof Long number) {
      name = "Task-" + number;
    }
    return (String) name;
  }

  /** Renames it. */
  public void setName(String value) {
    name = value;
  }

  /** The coroutine it runs. */
  public Coroutine<T> getCoro() {
    return coroutine;
  }

  /** The context it runs in. */
  public Context getContext() {
    if (scope instanceof Vars vars) {
      scope = new Context(vars);
    }
    return (Context) scope;
  }

  /** How many cancellation requests have not been taken back by {@link #uncancel}. */
  public int cancelling() {
    return cancelRequests;
  }

  /**
   * Where the coroutine is suspended, innermost frame first; the frames of the error if it failed;
   * empty if it has not begun or has finished otherwise.
   */
  public List<StackTraceElement> getStack() {
    if (done()) {
      Throwable failure = cancelled() ? null : exception();
      return failure == null ? List.of() : List.of(failure.getStackTrace());
    }
    Strand stack = strand;
    return stack == null
        ? List.of()
        : Arrays.stream(stack.thread().getStackTrace())
            .filter(frame -> !frame.getClassName().startsWith("dev.asyncio.engine."))
            .toList();
  }

  /** Not for tasks: the outcome comes from the coroutine. */
  @Override
  public void setResult(T result) {
    throw new IllegalStateException("Task does not support set_result operation: " + this);
  }

  /** Not for tasks: the outcome comes from the coroutine. */
  @Override
  public void setException(Throwable exception) {
    throw new IllegalStateException("Task does not support set_exception operation: " + this);
  }

  // ---- cancelling

  /**
   * Asks the task to end: what it waits for is cancelled, or else {@link CancelledError} is thrown
   * at its next step. A task that stands in a blocking JDK call is interrupted. The coroutine may
   * catch the error, clean up, and even refuse.
   *
   * @param message goes with the error
   * @return false if it was done already
   */
  @Override
  public boolean cancel(@Nullable String message) {
    if (done()) {
      return false;
    }
    cancelRequests++;
    if (waiter != null && waiter.cancel(message)) {
      return true; // its callback will step this task
    }
    mustCancel = true;
    cancelMessage = message;
    if (strand != null && strand.blocked()) {
      interrupted = true;
      strand.thread().interrupt();
    }
    return true;
  }

  /**
   * Takes back one request to cancel; at zero, one that has not been delivered is withdrawn.
   *
   * @return how many remain
   */
  public int uncancel() {
    if (cancelRequests > 0) {
      cancelRequests--;
      if (cancelRequests == 0) {
        mustCancel = false;
      }
    }
    return cancelRequests;
  }

  @Override
  @Nullable String cancelMessage() {
    return cancelled() ? super.cancelMessage() : cancelMessage;
  }

  private CancelledError takeCancellation() {
    mustCancel = false;
    if (interrupted) {
      interrupted = false;
      Thread.interrupted(); // the request that is now delivered otherwise
    }
    return new CancelledError(cancelMessage);
  }

  /**
   * What {@code e} means when it leaves a coroutine or a scope: if it is how a blocking call
   * answered the interrupt that {@link #cancel} sent, it is the cancellation.
   */
  Throwable interruption(Throwable e) {
    if (interrupted && mustCancel && Errors.fromInterrupt(e)) {
      CancelledError cancelled = takeCancellation();
      cancelled.initCause(e);
      return cancelled;
    }
    return e;
  }

  // ---- stepping, on the loop

  /** One step; called by the loop. */
  @Override
  public void run() {
    Strand stack = prepareStep();
    if (stack != null) {
      stack.resume();
      afterStep(stack);
    }
    loop.throwIfFatal();
  }

  /** Makes this the current task and gives the strand to resume; null if there is nothing to run. */
  @Nullable Strand prepareStep() {
    Strand stack = strand;
    if (voidStep) {
      voidStep = false;
      return null;
    }
    if (stack == null) {
      if (mustCancel) {
        coroutine.close();
        end(takeCancellation());
        return null;
      }
      stack = loop.engine.strand(this, this::live);
      strand = stack;
    } else if (mustCancel) {
      boolean thrownByWaiter = waiter != null && waiter.endedWithCancelledError();
      thrown = thrownByWaiter ? null : new CancelledError(cancelMessage);
      mustCancel = false;
    }
    waiter = null;
    loop.enter(this, scope, stack);
    return stack;
  }

  /** Keeps what the strand needs if it goes on by itself, and leaves. */
  private void afterStep(Strand stack) {
    if (stack.blocked()) {
      blockedScope = loop.scope;
    }
    loop.leave();
  }

  /** Goes on after a blocking JDK call; called by the loop. */
  void proceed() {
    Strand stack = Objects.requireNonNull(strand);
    loop.enter(this, blockedScope, stack);
    stack.proceed();
    afterStep(stack);
    loop.throwIfFatal();
  }

  /** Runs the first step now, while whoever creates the task stands still. */
  private void startEagerly() {
    Task<?> creator = loop.currentTask;
    Object creatorScope = loop.scope;
    Strand stack = Objects.requireNonNull(prepareStep());
    try {
      if (creator == null) {
        stack.resumeAlone();
      } else {
        Objects.requireNonNull(creator.strand).call(stack);
      }
      if (stack.blocked()) {
        blockedScope = loop.scope;
      }
    } finally {
      loop.enter(creator, creatorScope, creator == null ? null : creator.strand);
    }
    loop.throwIfFatal();
  }

  // ---- living, on the strand

  /** The whole life of the coroutine: the body of the strand. */
  private void live() {
    try {
      T result = coroutine.step();
      if (mustCancel) {
        takeCancellation(); // requested in the last step, with no await left
        ended();
        cancelled(cancelMessage, null);
      } else {
        ended();
        succeed(result);
      }
    } catch (Throwable e) {
      end(interruption(e));
    }
  }

  private void end(Throwable e) {
    ended();
    if (e instanceof CancelledError cancelled) {
      cancelled(null, cancelled);
    } else if (e instanceof CoroutineExit) {
      cancelled(e.getMessage(), null);
    } else {
      fail(e);
      if (Errors.fatal(e)) {
        loop.fatal(e);
      }
    }
  }

  private void ended() {
    strand = null;
    loop.tasks.remove(this);
  }

  /** Suspends until {@code future}, which has this task as a listener, is done. */
  void awaits(Future<?> future) {
    if (future == this || future.loop != loop) {
      future.forget(this);
      yieldNow(); // as CPython, which finds out when the coroutine has suspended
      throw new IllegalStateException(
          future == this
              ? "Task cannot await on itself: " + this
              : this
                  + " got Future "
                  + future
                  + " attached to a different loop; to wait for it here, wrap it:"
                  + " wrapFuture(future.toCompletableFuture())");
    }
    waiter = future;
    if (mustCancel && future.cancel(cancelMessage)) {
      mustCancel = false;
    }
    try {
      suspend();
    } catch (PinnedException e) {
      waiter = null;
      future.forget(this);
      throw e;
    }
  }

  /** Lets whatever is ready run once: what {@code sleep(Duration.ZERO)} does. */
  void yieldNow() {
    loop.enqueue(this);
    try {
      suspend();
    } catch (PinnedException e) {
      voidStep = true;
      throw e;
    }
  }

  private void suspend() {
    loop.checkClosed();
    if (interrupted) {
      interrupted = false;
      Thread.interrupted(); // the cancellation it stands for is delivered here
    }
    Object current = loop.scope;
    Objects.requireNonNull(strand).suspend();
    loop.scope = current; // inside Context.run this is not the task's own
    Throwable e = thrown;
    if (e != null) {
      thrown = null;
      throw Errors.unchecked(e);
    }
  }

  // ---- the end of the loop

  /** The loop closes: unwinds the stack, so that clean-up blocks run and the thread ends. */
  void abandon() {
    Strand stack = strand;
    if (stack == null) {
      ended();
      coroutine.close();
    } else if (stack.blocked()) {
      cancel(null);
    } else {
      thrown = new CoroutineExit();
      mustCancel = false;
      loop.enter(this, scope, stack);
      stack.resumeAlone();
      loop.leave();
    }
  }

  @Override
  String details() {
    return " name='" + getName() + "' coro=" + coroutine + waitingFor();
  }

  private String waitingFor() {
    return waiter == null ? "" : " wait_for=" + waiter.getClass().getSimpleName();
  }
}

package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.engine.PinnedException;
import dev.asyncio.engine.Strand;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that is scheduled on an event loop: it runs by and by, in steps from one suspension
 * to the next, and is a {@link Future} for the coroutine's outcome.
 *
 * <p>The loop holds its unfinished tasks strongly, so a task needs no reference to stay alive.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Task}.
 *
 * @param <T> what the coroutine gives
 */
public class Task<T extends @Nullable Object> extends Future<T> implements Runnable {

  private final Coroutine<T> coroutine;

  /** The name; null for a generated one, until somebody asks. */
  private @Nullable String name;

  private final long number;

  /** A {@link Context}, or the {@link Vars} for one that nobody has asked for yet. */
  private Object scope;

  // Neighbours in the loop's list of unfinished tasks; see TaskList.
  @Nullable Task<?> previous;
  volatile @Nullable Task<?> next;

  /**
   * The stack to resume: the coroutine's, or that of the generator the coroutine is in; null before
   * the first step and after the last.
   */
  private @Nullable Strand strand;

  /** What it waits for, until the step after. */
  private @Nullable Future<?> waiter;

  /** What came between its steps; null for most tasks, all their life. */
  private @Nullable Interference interference;

  /**
   * For subclasses, which {@link #create(AbstractEventLoop, Coroutine, TaskOptions,
   * TaskConstructor)} schedules. It takes the name and the context from {@code options}.
   */
  protected Task(AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
    super(loop);
    this.coroutine = Objects.requireNonNull(coroutine, "coroutine");
    this.name = options.name();
    this.number = name == null ? loop.nextTaskNumber() : 0;
    Context context = options.context();
    this.scope = context != null ? context : Context.copied();
  }

  /**
   * Makes a task and schedules its first step, or runs that at once if {@code options} asks for an
   * eager start and the loop is running. For task factories; others use {@link Asyncio#createTask}.
   */
  public static <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
    return create(loop, coroutine, options, Task::new);
  }

  /** As {@link #create(AbstractEventLoop, Coroutine, TaskOptions)}, for a subclass. */
  public static <T extends @Nullable Object> Task<T> create(
      AbstractEventLoop loop,
      Coroutine<T> coroutine,
      TaskOptions options,
      TaskConstructor constructor) {
    Task<T> task = constructor.construct(loop, coroutine, options);
    loop.tasks.add(task);
    if (Boolean.TRUE.equals(options.eagerStart()) && loop.now.isHere()) {
      task.startEagerly();
    } else {
      loop.enqueue(task);
    }
    return task;
  }

  // ---- asking

  /** The name: the one it was given, or {@code Task-N}. */
  public String getName() {
    if (name == null) {
      name = "Task-" + number;
    }
    return name;
  }

  /** Renames it. */
  public void setName(String value) {
    name = value;
  }

  /** The coroutine it runs. */
  @CheckReturnValue
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

  /** A {@link Context}, or the {@link Vars} that stand for it. */
  Object scope() {
    return scope;
  }

  /** The thread of its stack, or null if it has none now. Any thread. */
  @Nullable Thread thread() {
    Strand stack = strand;
    return stack == null ? null : stack.thread();
  }

  /** Code of this task needed a context where there was only a snapshot. */
  void contextMade(@Nullable Object snapshot, Context made) {
    if (scope == snapshot) {
      scope = made;
    }
  }

  /** How many cancellation requests have not been taken back by {@link #uncancel}. */
  public int cancelling() {
    return interference == null ? 0 : interference.requests();
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
    List<StackTraceElement> frames = new ArrayList<>();
    Strand stack = strand;
    GeneratorBody<?> generator = within();
    while (stack != null) {
      for (StackTraceElement frame : stack.thread().getStackTrace()) {
        if (!frame.getClassName().startsWith("dev.asyncio.engine.")) {
          frames.add(frame);
        }
      }
      stack = generator == null ? null : generator.consumer();
      generator = generator == null ? null : generator.around();
    }
    return frames;
  }

  /** Prints {@link #getStack} to the standard error stream. */
  public final void printStack() {
    printStack(System.err);
  }

  /** Prints {@link #getStack} in the form of a stack trace. */
  public final void printStack(PrintStream out) {
    List<StackTraceElement> frames = getStack();
    String what = done() ? "Traceback for " : "Stack for ";
    out.println(
        frames.isEmpty()
            ? "No stack for " + this
            : what + this + " (most recent call first):" + Errors.text(frames));
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
    loop.checkThread("cancel");
    if (done()) {
      return false;
    }
    Interference cancelling = interfere();
    cancelling.request();
    if (waiter != null && waiter.cancel(message)) {
      return true; // its callback will step this task
    }
    cancelling.fallsDue(message);
    if (strand != null && strand.blocked()) {
      cancelling.interrupt(strand.thread());
    }
    return true;
  }

  /**
   * Takes back one request to cancel; at zero, one that has not been delivered is withdrawn.
   *
   * @return how many remain
   */
  public int uncancel() {
    return interference == null ? 0 : interference.takeBack(loop.now.task == this);
  }

  @Override
  @Nullable String cancelMessage() {
    return cancelled() || interference == null ? super.cancelMessage() : interference.message();
  }

  private Interference interfere() {
    if (interference == null) {
      interference = new Interference();
    }
    return interference;
  }

  /**
   * What {@code e} means when it leaves a coroutine or a scope: if it is how a blocking call
   * answered the interrupt that {@link #cancel} sent, it is the cancellation; if that of a call
   * that this loop forbids, it is the refusal.
   */
  Throwable interruption(Throwable e) {
    return interference == null ? e : interference.meaningOf(e);
  }

  // ---- stepping, on the loop

  /** One step; called by the loop. */
  @Override
  public final void run() {
    Strand stack = prepareStep();
    if (stack != null) {
      stack.resume();
      afterStep();
    }
    loop.throwIfFatal();
  }

  /**
   * Makes this the current task and gives the strand to resume; null if there is nothing to run.
   */
  @Nullable Strand prepareStep() {
    Strand stack = strand;
    Interference special = interference;
    if (special != null && special.voidsStep()) {
      return null;
    }
    CancelledError cancellation = special == null ? null : special.takeDue();
    if (stack == null) {
      if (cancellation != null) {
        coroutine.close();
        end(cancellation);
        return null;
      }
      stack = loop.engine.strand(this);
      strand = stack;
    } else if (cancellation != null) {
      boolean thrownByWaiter = waiter != null && waiter.endedWithCancelledError();
      loop.now.thrown = thrownByWaiter ? null : cancellation;
    }
    waiter = null;
    loop.now.begin(this, null, stack);
    return stack;
  }

  /** Whether its next step is its first, and an ordinary one. */
  public final boolean begins() {
    return strand == null && interference == null;
  }

  /** Takes the first step on a strand that is running: that of a task which has just ended. */
  void beginOn(Strand stack) {
    strand = stack;
    loop.now.begin(this, null, stack);
  }

  /** Keeps what the strand needs if it goes on by itself, and leaves. */
  private void afterStep() {
    Task<?> last = loop.now.task; // another one if that followed without a pass of the loop
    if (last != null) {
      last.noteBlockingCall();
    }
    loop.now.end();
  }

  private void noteBlockingCall() {
    Strand stopped = strand; // not always the one that was resumed: a generator may have taken over
    if (stopped != null && stopped.blocked()) {
      interfere().stopped(this, stopped.thread(), loop.now.innerScope);
    }
  }

  /** Goes on after a blocking JDK call, if it stands in one; called by the loop. */
  void proceed() {
    Strand stack = strand;
    if (stack == null || !stack.blocked() || !stack.released()) {
      return;
    }
    enterAfterBlockingCall(stack);
    stack.proceed();
    afterStep();
    loop.throwIfFatal();
  }

  private void enterAfterBlockingCall(Strand stack) {
    Object inner = interference == null ? null : interference.proceeds(this);
    loop.now.begin(this, inner, stack);
  }

  /** Runs the first step now, while whoever creates the task stands still. */
  private void startEagerly() {
    Task<?> creator = loop.now.task;
    Object creatorScope = loop.now.innerScope;
    Strand stack = Objects.requireNonNull(prepareStep());
    try {
      if (creator == null) {
        stack.resumeAlone();
      } else {
        Objects.requireNonNull(creator.strand).call(stack);
      }
      noteBlockingCall();
    } catch (PinnedException | VirtualMachineError e) {
      loop.enqueue(this); // its creator cannot stand still here: it starts in the next turn
    } finally {
      loop.now.begin(creator, creatorScope, creator == null ? null : creator.strand);
    }
    loop.throwIfFatal();
  }

  // ---- living, on the strand

  /** The whole life of the coroutine: the body of the strand. */
  void live() {
    try {
      throwIfCancelledBefore();
      T result =
          ContextBridge.none()
              ? coroutine.step(this)
              : ContextBridge.call(Context.varsOf(scope), () -> coroutine.step(this));
      Interference special = interference;
      if (special != null) {
        special.throwIfRefused();
        if (special.isDue()) { // requested in the last step, with no await left
          special.forgetInterrupt();
          ended();
          cancelled(special.message(), null);
          return;
        }
      }
      ended();
      succeed(result);
    } catch (Throwable e) {
      end(interruption(e));
    }
  }

  /** One that could not start eagerly has its stack already when it is cancelled too early. */
  private void throwIfCancelledBefore() {
    Throwable e = loop.now.takeThrown();
    if (e != null) {
      coroutine.close();
      throw Errors.unchecked(e);
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

  // Small methods, so that the JIT makes one frame of them: it stays on the heap while the task
  // waits.

  /** Suspends until {@code future} is done. */
  void awaits(Future<?> future) {
    if (future == this || future.loop != loop) {
      refuse(future);
    }
    future.listen(this);
    waiter = future;
    if (interference != null) {
      interference.passOnTo(future);
    }
    suspend();
  }

  private void refuse(Future<?> future) {
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

  /** Lets whatever is ready run once: what {@code sleep(Duration.ZERO)} does. */
  void yieldNow() {
    loop.enqueue(this);
    suspend();
  }

  private void suspend() {
    Object inner = loop.now.innerScope; // of Context.run
    try {
      beforeSuspension();
      Objects.requireNonNull(strand).suspend();
    } catch (IllegalStateException | VirtualMachineError e) {
      stayAwake();
      throw e;
    }
    if (inner != null) {
      loop.now.innerScope = inner;
    }
    Throwable e = loop.now.takeThrown();
    if (e != null) {
      throw Errors.unchecked(e);
    }
  }

  private void beforeSuspension() {
    loop.checkClosed();
    if (loop.getDebug()) {
      PinnedException.check();
    }
    if (interference != null) {
      interference.throwIfRefused();
      interference.forgetInterrupt(); // the cancellation it stands for is delivered here
    }
  }

  /** Takes back what would have resumed it. */
  private void stayAwake() {
    Future<?> future = waiter;
    if (future == null) {
      interfere().makeStepVoid();
    } else {
      waiter = null;
      future.forget(this);
    }
  }

  /** The innermost generator whose body runs in this task; null while the coroutine itself does. */
  private @Nullable GeneratorBody<?> within() {
    Strand stack = strand;
    return stack != null && stack.owner() instanceof GeneratorBody<?> generator ? generator : null;
  }

  /**
   * Lets the body of a generator go on in place of the coroutine, until it yields or ends. While it
   * waits, this task waits in it.
   */
  void enter(GeneratorBody<?> generator, Strand stack) {
    if (loop.getDebug()) {
      PinnedException.check();
    }
    Strand own = Objects.requireNonNull(strand);
    generator.enteredFrom(own, within());
    strand = stack;
    loop.now.goOn(stack);
    try {
      own.switchTo(stack);
    } finally {
      strand = own;
      loop.now.goOn(own);
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
      cancel(null); // see unwindFurther
    } else {
      loop.now.thrown = new CoroutineExit();
      if (interference != null) {
        interference.withdraw();
      }
      loop.now.begin(this, null, stack);
      stack.resumeAlone();
      loop.now.end();
    }
  }

  /** The loop closes: goes on after a blocking JDK call, if that is over. */
  boolean unwindFurther() {
    Strand stack = strand;
    if (stack == null || !stack.released()) {
      return false;
    }
    enterAfterBlockingCall(stack);
    stack.proceed();
    afterStep();
    return true;
  }

  @Override
  String details() {
    return " name='" + getName() + "' coro=" + described() + waitingFor();
  }

  /** The coroutine's own words. Somebody else's class must not keep a task from ending. */
  private String described() {
    try {
      return coroutine.toString();
    } catch (RuntimeException e) {
      return Errors.nameOf(coroutine);
    }
  }

  private String waitingFor() {
    return waiter == null ? "" : " wait_for=" + waiter.getClass().getSimpleName();
  }
}

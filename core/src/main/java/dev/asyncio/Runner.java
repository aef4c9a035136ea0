package dev.asyncio;

import dev.asyncio.loop.SelectorEventLoop;
import dev.asyncio.loop.SignalDoor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A loop's whole life: made at the first use, runs one or several coroutines, cancels what is left
 * over, closes. {@link Asyncio#run} is a runner for one coroutine.
 *
 * <pre>{@code
 * try (var runner = new Runner()) {
 *   runner.run(prepare());
 *   runner.run(serve());
 * }
 * }</pre>
 *
 * <p><b>Cancellation:</b> on the main thread, the first Ctrl-C cancels the coroutine that runs, and
 * {@link #run} throws {@link KeyboardInterrupt} when it has ended; the second one ends the program
 * with status 130. {@link RunnerOptions#gracefulTermination} does the same for SIGTERM.
 * Interrupting the thread that waits in {@code run} cancels the coroutine too.
 *
 * <p><b>Threads:</b> one thread at a time, platform or virtual.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Runner}.
 */
public final class Runner implements AutoCloseable {

  private static final Duration EXECUTOR_PATIENCE = Duration.ofMinutes(5);
  private static final int EXIT_BY_INTERRUPT = 130;
  private static final int EXIT_BY_TERMINATION = 143;

  private enum State {
    CREATED,
    INITIALIZED,
    CLOSED
  }

  private final RunnerOptions options;
  private State state = State.CREATED;
  private @Nullable AbstractEventLoop loop;
  private @Nullable Context context;

  /** What {@link #run} threw last; see {@link #again}. */
  private @Nullable Throwable thrown;

  /** A runner with everything left to the environment. */
  public Runner() {
    this(RunnerOptions.defaults());
  }

  /** A runner. It opens nothing before it is used. */
  public Runner(RunnerOptions options) {
    this.options = options;
  }

  /** Runs {@code coroutine} in the runner's own context, which successive calls share. */
  public <T extends @Nullable Object> T run(Coroutine<T> coroutine) {
    return run(coroutine, null);
  }

  /**
   * Runs {@code coroutine} to its end.
   *
   * <p><b>Errors:</b> throws what it failed with, itself. {@link IllegalStateException} inside a
   * running loop or after {@link #close}.
   *
   * @param inContext the context of its task; null for the runner's own
   */
  public <T extends @Nullable Object> T run(Coroutine<T> coroutine, @Nullable Context inContext) {
    if (AbstractEventLoop.runningOrNull() != null) {
      throw new IllegalStateException(
          "run() cannot be called from a running event loop; await the coroutine there, or make it"
              + " a task with createTask(…)");
    }
    AbstractEventLoop running = getLoop();
    Context chosen = inContext != null ? inContext : context;
    Task<T> main = running.createTask(coroutine, TaskOptions.defaults().context(chosen));
    running.onInterrupt = main::cancel;
    var interrupts = new AtomicInteger();
    var terminations = new AtomicInteger();
    SignalDoor door = onMainThread() ? openDoor(running, main, interrupts) : null;
    SignalDoor termination =
        options.gracefulTermination() ? openTermination(running, main, terminations) : null;
    try {
      return running.runUntilComplete(main);
    } catch (CancelledError e) {
      if (interrupts.get() > 0 && main.uncancel() == 0) {
        throw new KeyboardInterrupt();
      }
      if (terminations.get() > 0 && main.uncancel() == 0) {
        throw new SystemExit(EXIT_BY_TERMINATION);
      }
      throw e;
    } catch (Throwable e) {
      thrown = e;
      throw e;
    } finally {
      running.onInterrupt = null;
      if (door != null) {
        door.close();
      }
      if (termination != null) {
        termination.close();
      }
    }
  }

  private static @Nullable SignalDoor openDoor(
      AbstractEventLoop loop, Task<?> main, AtomicInteger interrupts) {
    SignalDoor door =
        SignalDoor.open("INT", () -> cancelOrExit(loop, main, interrupts, EXIT_BY_INTERRUPT));
    if (door != null && door.replacesAnother()) {
      door.close(); // the program knows what Ctrl-C means to it
      return null;
    }
    return door;
  }

  private static @Nullable SignalDoor openTermination(
      AbstractEventLoop loop, Task<?> main, AtomicInteger terminations) {
    return SignalDoor.open(
        "TERM", () -> cancelOrExit(loop, main, terminations, EXIT_BY_TERMINATION));
  }

  private static void cancelOrExit(
      AbstractEventLoop loop, Task<?> main, AtomicInteger times, int status) {
    if (times.incrementAndGet() == 1 && !main.done()) {
      loop.callSoonThreadsafe(main::cancel);
    } else {
      System.exit(status);
    }
  }

  /** Whether this is the thread that the JVM runs {@code main} on. */
  private static boolean onMainThread() {
    Thread thread = Thread.currentThread();
    ThreadGroup group = thread.getThreadGroup();
    return thread.getName().equals("main") && group != null && group.getName().equals("main");
  }

  /**
   * The loop, made now if this is the first use.
   *
   * @throws IllegalStateException if the runner is closed
   */
  public AbstractEventLoop getLoop() {
    switch (state) {
      case CREATED -> {
        var factory = options.loopFactory();
        AbstractEventLoop made =
            factory != null
                ? factory.get()
                : new SelectorEventLoop(options.engine(), options.clock());
        Boolean debug = options.debug();
        if (debug != null) {
          made.setDebug(debug);
        }
        loop = made;
        context = Context.copyContext();
        state = State.INITIALIZED;
      }
      case INITIALIZED -> {}
      case CLOSED ->
          throw new IllegalStateException(
              "Runner is closed; make a new one for further coroutines");
    }
    return Objects.requireNonNull(loop);
  }

  /**
   * Cancels the tasks that are left and waits for them, waits for the default executor, closes the
   * loop. Does nothing before the first use and after the first call.
   */
  @Override
  public void close() {
    if (state != State.INITIALIZED) {
      return;
    }
    AbstractEventLoop closing = getLoop();
    state = State.CLOSED;
    closing.onInterrupt = () -> {}; // the clean-up is done in any case, the interrupt status kept
    try {
      cancelLeftovers(closing);
      closing.runUntilComplete(closing.shutdownAsyncgens());
      closing.runUntilComplete(closing.shutdownDefaultExecutor(EXECUTOR_PATIENCE));
    } catch (Throwable e) {
      throw Errors.unchecked(e == thrown ? again(e) : e);
    } finally {
      closing.close();
      loop = null;
    }
  }

  /**
   * What leaves the loop a second time, while it closes, as an object of its own: a
   * try-with-resources block cannot suppress the very exception that its body threw.
   */
  private static Throwable again(Throwable e) {
    return switch (e) {
      case SystemExit exit when exit.getMessage() == null -> new SystemExit(exit.code());
      case SystemExit exit -> new SystemExit(exit.getMessage());
      case KeyboardInterrupt interrupt -> new KeyboardInterrupt(interrupt.getMessage());
      default -> new IllegalStateException("closing failed as the run before did", e);
    };
  }

  private static void cancelLeftovers(AbstractEventLoop loop) {
    List<Task<?>> leftovers = loop.unfinishedTasks();
    if (leftovers.isEmpty()) {
      return;
    }
    leftovers.forEach(Task::cancel);
    loop.runUntilComplete(Gathering.of(loop, leftovers, true));
    for (Task<?> task : leftovers) {
      Throwable e = task.cancelled() ? null : task.exception();
      if (e != null) {
        loop.callExceptionHandler(
            ExceptionContext.of("unhandled exception during asyncio.run() shutdown")
                .exception(e)
                .future(task));
      }
    }
  }
}

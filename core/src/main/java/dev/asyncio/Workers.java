package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.loop.SelectorEventLoop;
import dev.asyncio.loop.SharedPorts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Several loops in one process, each on a thread of its own, that run the same main coroutine and
 * may listen on the same ports: a server that uses all cores.
 *
 * <pre>{@code
 * Coroutine<?> serve(Worker worker) {
 *   return async(() -> {
 *     var server = await(worker.startServer(this::handle, "127.0.0.1", 8080));
 *     await(server.serveForever());
 *   });
 * }
 *
 * void main() {
 *   Workers.run(this::serve);
 * }
 * }</pre>
 *
 * <p>The loops share nothing but the process: what belongs to one is not to be touched on another,
 * and what one wants of another it {@linkplain Worker#submit submits}. The loop they are started on
 * is their <em>home</em>: it keeps the books, and where connections are {@linkplain
 * PortSharing#HAND_OUT handed out} it accepts them.
 *
 * <p><b>A worker that fails</b> ends all: the others are stopped, and {@link #join} throws what it
 * failed with, with later failures suppressed in it. With {@link WorkersOptions#restarts} it is
 * replaced instead, and the failure goes to the exception handler of the home loop. A worker whose
 * main coroutine just ends is done; the others go on.
 *
 * <p><b>Stopping</b> a worker: it gets no more connections; those it has, and handlers of streams,
 * may go on for the {@linkplain WorkersOptions#grace grace}; then handlers are cancelled and
 * connections aborted; last the main coroutine is cancelled, so that it can clean up, for which it
 * has all the time it takes. A main coroutine that is still starting may find that it gets no
 * server any more, or that its port has closed; to end with either is no failure then.
 *
 * <p><b>Threads:</b> the home loop, but for {@link #members}, {@link #statistics}, {@link
 * #broadcast} and {@link #loop}, which any thread may call. From another loop: {@code
 * workers.loop().callSoonThreadsafe(…)}.
 *
 * <p><b>Source:</b> none in CPython, where each worker is a process.
 */
@CheckReturnValue
public final class Workers implements AutoCloseable {

  // --- set once
  private final SelectorEventLoop home;
  private final Function<? super Worker, ? extends Coroutine<?>> main;
  private final WorkersOptions options;
  private final SharedPorts ports;
  private final Unclosed unclosed;

  // --- any thread; replaced whole, by the home loop
  private volatile List<Worker> members = List.of();

  // --- home loop only
  private final Set<Worker> living = new LinkedHashSet<>();
  private final Set<Worker> onTrial = new LinkedHashSet<>(); // started by restart(), not in yet
  private final Set<Worker> begun = new LinkedHashSet<>();
  private final List<Future<@Nullable Void>> waiters = new ArrayList<>();
  private final Lock restarting = new Lock();
  private final ArrayDeque<Duration> replacements = new ArrayDeque<>();
  private boolean stopping;
  private @Nullable Throwable failure;
  private boolean failureThrown;

  @SuppressWarnings("this-escape") // the parts only keep it
  private Workers(
      SelectorEventLoop home,
      Function<? super Worker, ? extends Coroutine<?>> main,
      WorkersOptions options) {
    this.home = home;
    this.main = main;
    this.options = options;
    this.ports = new SharedPorts(home, options.handsOut(), this::changed);
    Set<Worker> all = living;
    this.unclosed =
        Unclosed.watch(
            home,
            this,
            Unclosed.kind("workers", _ -> all.forEach(worker -> worker.stop(Duration.ZERO))),
            options.loops() + " loops");
  }

  // ---- starting

  /** As {@link #run(Function, WorkersOptions)}, with a worker for each processor. */
  public static void run(Function<? super Worker, ? extends Coroutine<?>> main) {
    run(main, WorkersOptions.defaults());
  }

  /**
   * Runs workers until all have ended, or one has failed, from outside of any loop.
   *
   * <p><b>Cancellation:</b> Ctrl-C and SIGTERM stop the workers, with their grace; then this throws
   * {@link KeyboardInterrupt}, or {@link SystemExit} with code 143. A second one ends the program.
   *
   * <p><b>Errors:</b> as {@link #join}.
   */
  public static void run(
      Function<? super Worker, ? extends Coroutine<?>> main, WorkersOptions options) {
    Asyncio.run(
        Coroutine.of(() -> {
          try (var workers = start(main, options)) {
            workers.join().await();
          }
        }),
        options.runner().gracefulTermination(true));
  }

  /** As {@link #start(Function, WorkersOptions)}, with a worker for each processor. */
  public static Workers start(Function<? super Worker, ? extends Coroutine<?>> main) {
    return start(main, WorkersOptions.defaults());
  }

  /**
   * Starts workers, whose home is the running loop. {@link #close} them, best by {@code try}:
   * {@code try (var workers = Workers.start(this::serve)) { await(workers.join()); }}
   *
   * <p><b>Order:</b> does not wait for them.
   *
   * @param main makes each worker's main coroutine, on the worker's loop, in a copy of the current
   *     context
   * @throws IllegalStateException outside of a {@link SelectorEventLoop}
   */
  public static Workers start(
      Function<? super Worker, ? extends Coroutine<?>> main, WorkersOptions options) {
    if (!(AbstractEventLoop.running() instanceof SelectorEventLoop home)) {
      throw new IllegalStateException(
          "workers need a SelectorEventLoop as their home, got " + AbstractEventLoop.running());
    }
    var workers = new Workers(home, main, options);
    try {
      for (int index = 0; index < options.loops(); index++) {
        workers.newWorker(index);
      }
    } catch (Throwable exc) { // too many descriptors, for instance
      workers.living.forEach(Worker::discard);
      workers.unclosed.closed();
      throw exc;
    }
    workers.members = List.copyOf(workers.living);
    workers.members.forEach(Worker::start);
    return workers;
  }

  @CanIgnoreReturnValue
  private Worker newWorker(int index) {
    var worker = new Worker(this, index, main, options.runner());
    living.add(worker);
    return worker;
  }

  // ---- facts

  /** The loop they were started on. */
  public AbstractEventLoop loop() {
    return home;
  }

  /** The present worker of each index, also where it has ended. */
  public List<Worker> members() {
    return members;
  }

  /** What each of the {@link #members} has done and has to do. */
  public List<WorkerStatistics> statistics() {
    return members.stream().map(Worker::statistics).toList();
  }

  SharedPorts ports() {
    return ports;
  }

  // ---- to all of them

  /**
   * Runs a coroutine on the loop of each member, as {@link Worker#submit} does.
   *
   * <p><b>Cancellation:</b> cancelling what it gives, or the task that awaits it, cancels all.
   *
   * <p><b>Errors:</b> when all have ended, the first failure by index, with the others suppressed.
   *
   * @param work makes the coroutine, on the worker's loop
   * @return the results by index
   */
  @CanIgnoreReturnValue
  public <T extends @Nullable Object> CompletableFuture<List<T>> broadcast(
      Function<? super Worker, ? extends Coroutine<T>> work) {
    List<CompletableFuture<T>> sent =
        members.stream()
            .map(worker -> worker.submit(() -> (Coroutine<T>) work.apply(worker)))
            .toList();
    var all = new CompletableFuture<List<T>>();
    CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new))
        .whenComplete((_, _) -> settle(all, sent));
    all.whenComplete((_, _) -> {
      if (all.isCancelled()) {
        sent.forEach(one -> one.cancel(false));
      }
    });
    return all;
  }

  private static <T extends @Nullable Object> void settle(
      CompletableFuture<List<T>> all, List<CompletableFuture<T>> sent) {
    List<T> results = new ArrayList<>();
    Throwable first = null;
    for (CompletableFuture<T> one : sent) {
      try {
        results.add(one.join());
      } catch (RuntimeException exc) {
        Throwable cause = exc instanceof CompletionException ? exc.getCause() : exc;
        first = withSuppressed(first, cause == null ? exc : cause);
      }
    }
    if (first == null) {
      all.complete(results);
    } else {
      all.completeExceptionally(first);
    }
  }

  private static Throwable withSuppressed(@Nullable Throwable first, Throwable next) {
    if (first == null) {
      return next;
    }
    if (first != next) {
      first.addSuppressed(next);
    }
    return first;
  }

  // ---- until the end

  /**
   * Waits until all workers have ended, or one has failed; the others are being stopped then.
   *
   * <p><b>Cancellation:</b> stops this waiting only. <b>Errors:</b> what the worker failed with.
   */
  public Coroutine<@Nullable Void> join() {
    return Coroutine.of(() -> {
      checkHome("join()");
      until(() -> failure != null || living.isEmpty());
      throwFailure();
    });
  }

  /** As {@link #stop(Duration)}, with the grace of the options. */
  public Coroutine<@Nullable Void> stop() {
    return stop(options.grace());
  }

  /**
   * Stops all workers at once and waits until they have ended. A second call may shorten the time
   * of the first.
   *
   * <p><b>Cancellation:</b> stops this waiting only. <b>Errors:</b> what a worker failed with, then
   * or before, unless that was thrown already.
   *
   * @param grace how long connections and handlers may go on
   */
  public Coroutine<@Nullable Void> stop(Duration grace) {
    return Coroutine.of(() -> {
      checkHome("stop()");
      beginStop(grace);
      until(living::isEmpty);
      throwFailure();
    });
  }

  /**
   * Stops all workers, with the grace of the options, and suspends until they have ended. Does
   * nothing the second time.
   *
   * <p><b>Cancellation:</b> ends the grace, and goes on when all have ended.
   *
   * <p><b>Errors:</b> as {@link #stop(Duration)}.
   */
  @Override
  public void close() {
    checkHome("close()");
    beginStop(options.grace());
    CancelledError cancelled = null;
    while (!living.isEmpty()) {
      try {
        until(living::isEmpty);
      } catch (CancelledError again) {
        cancelled = again;
        beginStop(Duration.ZERO);
      }
    }
    unclosed.closed();
    if (cancelled != null) {
      throw cancelled;
    }
    throwFailure();
  }

  private void beginStop(Duration grace) {
    stopping = true;
    living.forEach(Worker::willStop);
    for (Worker worker : List.copyOf(living)) { // to retire one may block, and others end then
      ports.retire(worker);
      worker.stop(grace);
    }
    changed();
  }

  private void throwFailure() {
    if (failure != null && !failureThrown) {
      failureThrown = true;
      throw Errors.unchecked(failure);
    }
  }

  // ---- restart

  /**
   * Replaces the workers one after the other, without refusing or losing a connection: a successor
   * starts; when it serves all that its predecessor does, it gets the new connections, and the
   * predecessor is stopped, with the grace of the options.
   *
   * <p><b>Cancellation:</b> leaves the workers that were not replaced yet as they are.
   *
   * <p><b>Errors:</b> what a successor fails with before it is in place, and {@link
   * TimeoutException} if it does not get there in time; the old workers then go on. {@link
   * IllegalStateException} if the workers are stopped.
   */
  public Coroutine<@Nullable Void> restart() {
    return Coroutine.of(() -> {
      checkHome("restart()");
      try (var _ = restarting.hold().await()) {
        for (int index = 0; index < options.loops(); index++) {
          replace(index);
        }
      }
    });
  }

  private void replace(int index) {
    checkNotStopping();
    Worker old = members.get(index);
    Worker successor = newWorker(index);
    onTrial.add(successor);
    successor.start();
    try {
      awaitReady(successor, old);
    } catch (Throwable exc) {
      successor.willStop();
      ports.retire(successor);
      successor.stop(Duration.ZERO);
      throw exc;
    } finally {
      onTrial.remove(successor);
    }
    Worker leaving = members.get(index); // another one if the old one has failed meanwhile
    install(successor);
    leaving.willStop();
    ports.retire(leaving);
    leaving.stop(options.grace());
    until(() -> !living.contains(leaving));
  }

  private void awaitReady(Worker successor, Worker old) {
    Duration limit = options.startLimit();
    try {
      Asyncio.timeout(
          limit,
          () ->
              until(() ->
                  stopping
                      || !living.contains(successor)
                      || (begun.contains(successor) && ports.covers(successor, old))));
    } catch (TimeoutException exc) {
      var late =
          new TimeoutException(
              successor
                  + " did not serve within "
                  + limit
                  + " what "
                  + old
                  + " does, which goes on");
      late.initCause(exc);
      throw late;
    }
    checkNotStopping();
    successor.throwFailure();
  }

  private void checkNotStopping() {
    if (stopping) {
      throw new IllegalStateException(
          "the workers are stopped, so none is replaced; start new ones");
    }
  }

  private void install(Worker successor) {
    List<Worker> changed = new ArrayList<>(members);
    changed.set(successor.index(), successor);
    members = List.copyOf(changed);
  }

  // ---- what workers tell

  /** A worker's main coroutine has made its first step. Its loop. */
  void tellBegun(Worker worker) {
    tell(() -> {
      begun.add(worker);
      changed();
    });
  }

  /** A worker's loop has closed. Its thread. */
  void tellEnded(Worker worker, @Nullable Throwable exc) {
    if (!tell(() -> ended(worker, exc)) && exc != null) {
      Log.ASYNCIO.log(System.Logger.Level.ERROR, worker + " failed after its home had closed", exc);
    }
  }

  @CanIgnoreReturnValue
  private boolean tell(Runnable action) {
    try {
      home.callSoonThreadsafe(action);
      return true;
    } catch (IllegalStateException closed) {
      return false;
    }
  }

  private void ended(Worker worker, @Nullable Throwable exc) {
    living.remove(worker);
    begun.remove(worker);
    ports.ended(worker);
    if (exc != null) {
      failed(worker, exc);
    }
    onTrial.remove(worker);
    changed();
  }

  private void failed(Worker worker, Throwable exc) {
    if (stopping || exc instanceof SystemExit || exc instanceof KeyboardInterrupt) {
      endAll(worker, exc);
    } else if (onTrial.contains(worker)) {
      worker.failedOnTrial(exc); // restart() throws it
    } else if (!members.contains(worker)) {
      home.callExceptionHandler(
          ExceptionContext.of(worker + " failed while it was stopped").exception(exc));
    } else if (mayReplace()) {
      home.callExceptionHandler(
          ExceptionContext.of(worker + " failed and is replaced").exception(exc));
      Worker successor = newWorker(worker.index());
      install(successor);
      successor.start();
    } else {
      endAll(worker, exc);
    }
  }

  private boolean mayReplace() {
    Duration now = home.time();
    while (!replacements.isEmpty()
        && now.minus(replacements.getFirst()).compareTo(options.within()) > 0) {
      replacements.removeFirst();
    }
    if (replacements.size() >= options.restarts()) {
      return false;
    }
    replacements.addLast(now);
    return true;
  }

  private void endAll(Worker worker, Throwable exc) {
    if (failure == null) {
      Log.ASYNCIO.log(
          System.Logger.Level.WARNING,
          worker + " failed, the others are stopped within " + options.grace() + ": " + exc);
    }
    failure = withSuppressed(failure, exc);
    if (!stopping) {
      beginStop(options.grace());
    }
  }

  // ---- waiting

  private void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      Future<@Nullable Void> waiter = home.createFuture();
      waiters.add(waiter);
      try {
        waiter.await();
      } finally {
        waiters.remove(waiter);
      }
    }
  }

  private void changed() {
    for (Future<@Nullable Void> waiter : waiters) {
      if (!waiter.done()) {
        waiter.setResult(null);
      }
    }
  }

  private void checkHome(String method) {
    if (AbstractEventLoop.runningOrNull() != home) {
      throw new IllegalStateException(
          "workers."
              + method
              + " belongs on the loop that the workers were started on; from elsewhere use"
              + " workers.loop().callSoonThreadsafe(…)");
    }
  }

  @Override
  public String toString() {
    return "Workers" + members;
  }
}

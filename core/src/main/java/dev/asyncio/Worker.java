package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.loop.SelectorEventLoop;
import dev.asyncio.loop.SharedPorts;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Streams;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.io.Serial;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of several {@link Workers}: a loop on a thread of its own, which runs a main coroutine.
 *
 * <p>It lives as long as that coroutine does, as with {@link Asyncio#run}: then the tasks that are
 * left are cancelled and the loop closes.
 *
 * <p><b>Threads:</b> servers are started on its own loop; all else may be called from any thread.
 */
@CheckReturnValue
public final class Worker {

  private final Workers workers;
  private final int index;
  private final Function<? super Worker, ? extends Coroutine<?>> main;
  private final Runner runner;
  private final AbstractEventLoop loop;
  private final InProgress inProgress;

  // --- own loop only
  private final List<Server> servers = new ArrayList<>();
  private @Nullable Task<?> mainTask; // while main runs
  private @Nullable Task<@Nullable Void> ending;
  private Duration deadline = Duration.ZERO; // of the grace, once it is ending
  private @Nullable Timeout grace; // while it runs

  // --- home loop only
  private @Nullable Throwable failure; // of one that restart() has started

  // --- any thread
  private volatile boolean stopping;
  private volatile boolean mainEnded; // what is left will be cancelled
  private volatile boolean ended;

  Worker(
      Workers workers,
      int index,
      Function<? super Worker, ? extends Coroutine<?>> main,
      RunnerOptions options) {
    this.workers = workers;
    this.index = index;
    this.main = main;
    this.runner = new Runner(options.gracefulTermination(false)); // signals are for the home loop
    this.loop = runner.getLoop();
    this.inProgress = new InProgress(loop);
  }

  // ---- facts

  /** Its number, from 0 on; its thread is {@code asyncio-worker-} with this number. */
  public int index() {
    return index;
  }

  /** Its loop. */
  public AbstractEventLoop loop() {
    return loop;
  }

  /** All of them. */
  public Workers workers() {
    return workers;
  }

  /**
   * Whether it was asked to stop, so that it gets no new connections. A handler that serves one
   * request after the other may end then.
   */
  public boolean isStopping() {
    return stopping;
  }

  /**
   * What it has done and has to do.
   *
   * <p><b>Order and cost:</b> O(1). <b>Threads:</b> any; the numbers may be a little old, and not
   * all of the same moment.
   */
  public WorkerStatistics statistics() {
    return inProgress.statistics(index);
  }

  // ---- servers

  /**
   * Listens for TCP connections, together with the other workers; see {@link
   * #startServer(ClientConnected, Collection, int, ServerOptions, StreamOptions)}.
   *
   * @param host null for all of this machine's addresses
   */
  public Coroutine<Server> startServer(
      ClientConnected clientConnected, @Nullable String host, int port) {
    return startServer(
        clientConnected, hosts(host), port, ServerOptions.defaults(), StreamOptions.defaults());
  }

  /** Listens for TLS connections, together with the other workers. */
  public Coroutine<Server> startServer(
      ClientConnected clientConnected, @Nullable String host, int port, TlsOptions ssl) {
    return startServer(
        clientConnected,
        hosts(host),
        port,
        ServerOptions.defaults().ssl(ssl),
        StreamOptions.defaults());
  }

  private static List<String> hosts(@Nullable String host) {
    return host == null ? List.of() : List.of(host);
  }

  /**
   * Listens for connections, together with the other workers, and runs {@code clientConnected} as a
   * task of this loop for each that comes to this worker; see {@link #createServer}.
   */
  public Coroutine<Server> startServer(
      ClientConnected clientConnected,
      Collection<String> hosts,
      int port,
      ServerOptions options,
      StreamOptions streams) {
    ClientConnected counted =
        (reader, writer) -> inProgress.handle(() -> clientConnected.handle(reader, writer));
    return createServer(Streams.serving(counted, streams), hosts, port, options);
  }

  /**
   * Listens for connections, together with the other workers, and ties a protocol to each that
   * comes to this worker.
   *
   * <p>The same request from each worker means the same port, also with number 0: whoever comes
   * first picks it. A worker's second request for the same is a port of its own, shared with the
   * second ones of the others.
   *
   * <p>Closing the server leaves its share of the connections to the other workers. The port closes
   * when the last one has left. A channel in {@link ServerOptions#sock}, a Unix socket for
   * instance, is handed out from, and belongs to the workers.
   *
   * <p><b>Cancellation:</b> nothing is left listening for this worker.
   *
   * <p><b>Threads:</b> this worker's loop, which has to be a {@link SelectorEventLoop}.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the address that cannot be bound; that is
   * so where another program has the port, unless both say {@code reusePort}. {@link
   * IllegalStateException} on another loop, or if the worker is stopping; a main coroutine that
   * ends with the latter has not failed.
   *
   * @param hosts none for all of this machine's addresses
   * @param port 0 for one that is free
   */
  public Coroutine<Server> createServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      Collection<String> hosts,
      int port,
      ServerOptions options) {
    return Coroutine.of(() -> serve(protocolFactory, List.copyOf(hosts), port, options));
  }

  private Server serve(
      Supplier<? extends BaseProtocol> factory,
      List<String> hosts,
      int port,
      ServerOptions options) {
    if (AbstractEventLoop.running() != loop) {
      throw new IllegalStateException(
          "a server of "
              + this
              + " was to be started on another loop; do it in its main coroutine, or with"
              + " worker.submit(…)");
    }
    checkNotStopping();
    if (!(loop instanceof SelectorEventLoop carrier)) {
      throw new IllegalStateException(
          "only a SelectorEventLoop can share a port, got " + loop + " from the loopFactory");
    }
    SharedPorts ports = workers.ports();
    var seat = new SharedPorts.Seat(this, index);
    try {
      Asyncio.await(
          Asyncio.runCoroutineThreadsafe(ports.take(seat, hosts, port, options), workers.loop()));
      checkNotStopping(); // the seat may have been taken after those of this worker were retired
      Server server = ports.serve(seat, carrier, factory, options, inProgress::connection).await();
      servers.add(server);
      return server;
    } catch (Throwable exc) {
      ports.leave(seat);
      if (stopping && exc instanceof IOException) {
        throw new Stopping(this, exc); // the port was closing when this worker wanted it
      }
      throw exc;
    }
  }

  private void checkNotStopping() {
    if (stopping) {
      throw new Stopping(this, null);
    }
  }

  /** A server was wanted too late. */
  private static final class Stopping extends IllegalStateException {
    @Serial private static final long serialVersionUID = 1L;

    Stopping(Worker worker, @Nullable Throwable cause) {
      super(worker + " is stopping and starts no servers any more", cause);
    }
  }

  /** Whether this comes of being stopped: no server any more, or a closed port under one. */
  private static boolean comesOfStopping(Throwable exc) {
    for (Throwable cause = exc; cause != null; cause = cause.getCause()) {
      if (cause instanceof Stopping || cause instanceof ClosedChannelException) {
        return true;
      }
    }
    return false;
  }

  // ---- from other loops

  /**
   * Runs a coroutine on this worker's loop, for a caller that is on another one or on none: {@code
   * await(worker.submit(() -> lookUp(key)))}, or {@code .join()} outside of loops.
   *
   * <p><b>Order:</b> what one thread submits to one worker begins in that order.
   *
   * <p><b>Cancellation:</b> cancelling what it gives, or the task that awaits it, cancels the
   * coroutine, and the other way round.
   *
   * <p><b>Errors:</b> what the coroutine throws; its trace has the frames of both loops. {@link
   * WorkerEndedException} if the worker has ended, or ends before the coroutine has.
   *
   * @param work makes the coroutine, on this worker's loop, in a copy of the caller's context
   */
  @CanIgnoreReturnValue
  public <T extends @Nullable Object> CompletableFuture<T> submit(
      Supplier<? extends Coroutine<T>> work) {
    CompletableFuture<T> there;
    try {
      there = Asyncio.runCoroutineThreadsafe(Coroutine.of(() -> work.get().await()), loop);
    } catch (IllegalStateException closed) {
      return CompletableFuture.failedFuture(endedException());
    }
    var here = new CompletableFuture<T>();
    there.whenComplete((value, exc) -> {
      if (exc == null) {
        here.complete(value);
      } else if (exc instanceof CancellationException && !stopping && !mainEnded) {
        here.cancel(false);
      } else {
        here.completeExceptionally(exc instanceof CancellationException ? endedException() : exc);
      }
    });
    here.whenComplete((_, _) -> {
      if (here.isCancelled()) {
        there.cancel(false);
      }
    });
    return here;
  }

  private WorkerEndedException endedException() {
    return new WorkerEndedException(
        this + " ended before it had done this; workers.members() has those that have not");
  }

  // ---- life

  /** It failed before it was in place. Home loop. */
  void failedOnTrial(Throwable exc) {
    failure = exc;
  }

  /** Home loop. */
  void throwFailure() {
    if (failure != null) {
      throw Errors.unchecked(failure);
    }
  }

  /** It was made and will not be started. */
  void discard() {
    loop.close();
  }

  void start() {
    loop.engine.thread("asyncio-worker-" + index, this::live).start();
  }

  private void live() {
    Throwable failure = null;
    try (runner) {
      runner.run(Coroutine.of(this::runMain));
    } catch (CancelledError cancelled) {
      failure =
          stopping
              ? null
              : new IllegalStateException(
                  "the main coroutine of "
                      + this
                      + " was cancelled, or its server closed, but the worker was not to stop; use"
                      + " workers.stop()",
                  cancelled);
    } catch (Throwable exc) { // to be thrown where the workers are awaited
      failure = stopping && comesOfStopping(exc) ? null : exc;
    }
    ended = true;
    workers.tellEnded(this, failure);
  }

  private void runMain() {
    mainTask = loop.now.task;
    loop.callSoon(() -> workers.tellBegun(this)); // runs when main has suspended
    try {
      if (!stopping) {
        main.apply(this).await();
      }
    } finally {
      mainTask = null;
      mainEnded = true;
      if (ending != null) {
        ending.await(); // handlers that go on have the rest of their time
      }
      servers.forEach(Server::close);
    }
  }

  /** To be said before its ports close: what comes of that is no failure. Any thread. */
  void willStop() {
    stopping = true;
  }

  /** Has it end when its connections and handlers have, or the time is over. Any thread. */
  void stop(Duration limit) {
    willStop();
    try {
      loop.callSoonThreadsafe(() -> stopHere(limit));
    } catch (IllegalStateException closed) {
      return; // it has ended
    }
  }

  private void stopHere(Duration limit) {
    Duration when = loop.time().plus(limit);
    if (ending == null) {
      deadline = when;
      ending = loop.createTask(Coroutine.of(this::end));
    } else if (when.compareTo(deadline) < 0) {
      deadline = when;
      if (grace != null) {
        grace.reschedule(when);
      }
    }
  }

  private void end() {
    Coroutine.yieldNow().await();
    Coroutine.yieldNow().await(); // so that what was accepted just now counts
    try {
      Asyncio.timeoutAt(
          deadline,
          timeout -> {
            grace = timeout;
            inProgress.awaitEnd();
          });
    } catch (TimeoutException over) {
      inProgress.cancelHandlers();
      servers.forEach(Server::abortClients);
    } finally {
      grace = null;
    }
    if (mainTask != null) {
      mainTask.cancel();
    }
  }

  @Override
  public String toString() {
    return "Worker[" + index + (ended ? ", ended]" : stopping ? ", stopping]" : "]");
  }
}

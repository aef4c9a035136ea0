package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.loop.SelectorEventLoop;
import dev.asyncio.process.AsyncProcess;
import dev.asyncio.process.Processes;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.Streams;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * asyncio's functions, made to be imported statically:
 *
 * <pre>{@code
 * import dev.asyncio.*;
 * import static dev.asyncio.Asyncio.*;
 * import static java.time.Duration.*;
 *
 * Coroutine<Void> greet() {
 *   return async(() -> {
 *     await(sleep(ofSeconds(1)));
 *     IO.println("Hello from asyncio");
 *   });
 * }
 *
 * void main() {
 *   run(greet());
 * }
 * }</pre>
 *
 * <p><b>Threads:</b> all but {@link #run}, {@link #async}, {@link #newEventLoop} and {@link
 * #runCoroutineThreadsafe} belong inside a running loop.
 *
 * <p><b>Source:</b> CPython 3.14, the functions of the module {@code asyncio}.
 */
@CheckReturnValue
public final class Asyncio {

  private static final ThreadLocal<@Nullable AbstractEventLoop> EVENT_LOOP = new ThreadLocal<>();

  private Asyncio() {}

  // ---- running

  /**
   * Runs {@code main} to its end on a loop of its own, which is closed afterwards.
   *
   * <p><b>Cancellation:</b> Ctrl-C cancels {@code main}; see {@link Runner}.
   *
   * <p><b>Errors:</b> throws what {@code main} failed with, itself; {@link IllegalStateException}
   * inside a running loop.
   */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> T run(Coroutine<T> main) {
    return run(main, RunnerOptions.defaults());
  }

  /** As {@link #run(Coroutine)}, with a say in how the loop is made. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> T run(Coroutine<T> main, RunnerOptions options) {
    try (var runner = new Runner(options)) {
      return runner.run(main);
    }
  }

  /** A loop on the engine that the environment chooses. The caller runs and closes it. */
  public static AbstractEventLoop newEventLoop() {
    return new SelectorEventLoop();
  }

  /**
   * The loop that runs the current task or callback.
   *
   * @throws IllegalStateException if there is none
   */
  public static AbstractEventLoop runningLoop() {
    return AbstractEventLoop.running();
  }

  /**
   * The running loop, or else the one that {@link #setEventLoop} has given to this thread.
   *
   * @throws IllegalStateException if there is neither
   */
  public static AbstractEventLoop getEventLoop() {
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    if (loop == null) {
      loop = EVENT_LOOP.get();
    }
    if (loop == null) {
      throw new IllegalStateException(
          "There is no current event loop in "
              + Thread.currentThread()
              + "; use run(…), or setEventLoop(newEventLoop())");
    }
    return loop;
  }

  /**
   * Has {@link #getEventLoop} give {@code loop} in this thread where no loop runs; null for none.
   *
   * <p><b>Threads:</b> any; it holds for the current one.
   */
  public static void setEventLoop(@Nullable AbstractEventLoop loop) {
    if (loop == null) {
      EVENT_LOOP.remove();
    } else {
      EVENT_LOOP.set(loop);
    }
  }

  /** {@link #runningLoop} under asyncio's name. */
  public static AbstractEventLoop getRunningLoop() {
    return AbstractEventLoop.running();
  }

  // ---- coroutines and tasks

  /** A coroutine that runs {@code body} when it is awaited or made a task, and not before. */
  public static <T extends @Nullable Object> Coroutine<T> async(Callable<T> body) {
    return Coroutine.of(body);
  }

  /** A coroutine without a result. */
  public static Coroutine<@Nullable Void> async(Action body) {
    return Coroutine.of(body);
  }

  /**
   * Suspends the current task until {@code awaitable} has finished, and gives its result. A
   * coroutine runs inline, in the current task.
   *
   * <p><b>Order and cost:</b> does not suspend if the outcome is there already.
   *
   * <p><b>Cancellation:</b> cancelling the task cancels what it awaits.
   *
   * <p><b>Errors:</b> throws what the awaitable failed with, itself, checked or not; {@link
   * IllegalStateException} outside a coroutine.
   */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> T await(Awaitable<T> awaitable) {
    return awaitable.await();
  }

  /** As {@link #await(Awaitable)}, declaring one checked exception so that it can be caught. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object, X extends Exception> T await(
      Awaitable<T> awaitable, Class<X> type) throws X {
    return awaitable.await(type);
  }

  /**
   * Suspends the current task until a stage of the JDK's has completed, and gives its result. A
   * {@link java.util.concurrent.CompletionException} is unwrapped.
   *
   * <p><b>Cancellation:</b> cancelling the task cancels the stage.
   */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
    return wrapFuture(stage).await();
  }

  /** Makes a task of {@code coroutine}; its first step comes in the loop's next turn. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
    return AbstractEventLoop.running().createTask(coroutine);
  }

  /** Makes a task with a name. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> Task<T> createTask(
      Coroutine<T> coroutine, String name) {
    return createTask(coroutine, TaskOptions.defaults().name(name));
  }

  /** Makes a task with a name, a context or an eager start. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> Task<T> createTask(
      Coroutine<T> coroutine, TaskOptions options) {
    return AbstractEventLoop.running().createTask(coroutine, options);
  }

  /** The task that is running; null in a plain callback. */
  public static @Nullable Task<?> currentTask() {
    return AbstractEventLoop.running().now.task;
  }

  /** The tasks of the running loop that are not done, in the order of their creation. */
  public static List<Task<?>> allTasks() {
    return AbstractEventLoop.running().unfinishedTasks();
  }

  /** The tasks of {@code loop} that are not done; from any thread. */
  public static List<Task<?>> allTasks(AbstractEventLoop loop) {
    return loop.unfinishedTasks();
  }

  /** A task factory that starts every coroutine inside the call that makes its task. */
  public static TaskFactory eagerTaskFactory() {
    return EagerTaskFactory.OF_PLAIN_TASKS;
  }

  /**
   * As {@link #eagerTaskFactory}, for a subclass of {@link Task}: {@code
   * createEagerTaskFactory(TracedTask::new)}.
   */
  public static TaskFactory createEagerTaskFactory(TaskConstructor constructor) {
    return new EagerTaskFactory(constructor);
  }

  /** Suspends the current task for a time; zero or less lets what is ready run once. */
  public static Coroutine<@Nullable Void> sleep(Duration delay) {
    return new Sleep<@Nullable Void>(delay, null);
  }

  /**
   * Suspends the current task for {@code delay} and gives {@code result}.
   *
   * <p><b>Order and cost:</b> always suspends; a delay that is not positive lets what is ready run
   * once, without a timer.
   *
   * <p><b>Cancellation:</b> the timer is dropped.
   */
  public static <T extends @Nullable Object> Coroutine<T> sleep(Duration delay, T result) {
    return new Sleep<>(delay, result);
  }

  // ---- several at once

  /**
   * Runs awaitables together and gives their results in the order of the arguments.
   *
   * <p><b>Cancellation:</b> cancelling it cancels all that are not done. Cancelling one of them
   * counts as its failure and does not cancel the others.
   *
   * <p><b>Errors:</b> the first failure, at once; the others go on. A {@link TaskGroup} cancels
   * them.
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public static <T extends @Nullable Object> Future<List<T>> gather(
      Awaitable<? extends T>... awaitables) {
    return gather(Arrays.asList(awaitables));
  }

  /** {@link #gather(Awaitable[])} for a collection. */
  public static <T extends @Nullable Object> Future<List<T>> gather(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    return Gathering.of(AbstractEventLoop.running(), awaitables, false);
  }

  /** As {@link #gather(Awaitable[])}, with exceptions in the list instead of thrown. */
  public static Future<List<@Nullable Object>> gatherReturningExceptions(
      Awaitable<?>... awaitables) {
    return gatherReturningExceptions(Arrays.asList(awaitables));
  }

  /** {@link #gatherReturningExceptions(Awaitable[])} for a collection. */
  public static Future<List<@Nullable Object>> gatherReturningExceptions(
      Collection<? extends Awaitable<?>> awaitables) {
    return Gathering.of(AbstractEventLoop.running(), awaitables, true);
  }

  /** Waits until all of {@code futures} are done. */
  public static <T extends @Nullable Object> Coroutine<WaitResult<T>> waitUntil(
      Collection<? extends Future<? extends T>> futures) {
    return waitUntil(futures, null, ReturnWhen.ALL_COMPLETED);
  }

  /** Waits until enough of {@code futures} are done. */
  public static <T extends @Nullable Object> Coroutine<WaitResult<T>> waitUntil(
      Collection<? extends Future<? extends T>> futures, ReturnWhen returnWhen) {
    return waitUntil(futures, null, returnWhen);
  }

  /**
   * Waits until enough of {@code futures} are done, or until the time is over. It throws nothing of
   * theirs and cancels none. (asyncio's {@code wait}; every Java object has a method of that name.)
   *
   * @param timeout null to wait for ever
   * @throws IllegalArgumentException when awaited, if there are no futures
   */
  public static <T extends @Nullable Object> Coroutine<WaitResult<T>> waitUntil(
      Collection<? extends Future<? extends T>> futures,
      @Nullable Duration timeout,
      ReturnWhen returnWhen) {
    return new WaitUntil<>(futures, timeout, returnWhen);
  }

  /**
   * Awaits with a limit.
   *
   * <p><b>Cancellation:</b> cancels the awaitable.
   *
   * <p><b>Errors:</b> {@link TimeoutException} when the time is over and the awaitable, which is
   * cancelled then, has ended.
   *
   * @param timeout null for no limit; zero or less gives up unless it is done already
   */
  public static <T extends @Nullable Object> Coroutine<T> waitFor(
      Awaitable<T> awaitable, @Nullable Duration timeout) {
    return new WaitFor<>(awaitable, timeout);
  }

  /** Iterates awaitables as they finish. */
  public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    return new AsCompleted<>(awaitables, null);
  }

  /** Iterates awaitables as they finish, until the time is over. */
  public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
      Collection<? extends Awaitable<? extends T>> awaitables, @Nullable Duration timeout) {
    return new AsCompleted<>(awaitables, timeout);
  }

  /**
   * A future for the outcome of {@code awaitable} whose cancellation does not reach it.
   *
   * <p><b>Cancellation:</b> whoever awaits the shield is cancelled, the awaitable goes on. If it
   * fails later, the loop's exception handler is told.
   */
  public static <T extends @Nullable Object> Future<T> shield(Awaitable<T> awaitable) {
    return Shield.of(awaitable);
  }

  // ---- scopes

  /**
   * Runs {@code body} and waits for the tasks it creates in the group; see {@link TaskGroup}. The
   * body is a block, {@code group -> { … }}: of an expression javac cannot tell whether its value
   * is meant.
   */
  @CanIgnoreReturnValue
  public static <R extends @Nullable Object> R taskGroup(TaskGroup.Body<R> body) {
    return TaskGroup.run(body);
  }

  /** Runs {@code body} and waits for the tasks it creates in the group; see {@link TaskGroup}. */
  @SuppressWarnings("overloads") // the shape of the lambda's block tells them apart
  public static void taskGroup(TaskGroup.Action body) {
    TaskGroup.run(body);
  }

  /**
   * Runs {@code body} now, in the current task, and cancels it when it takes longer than {@code
   * delay}.
   *
   * <p><b>Errors:</b> {@link TimeoutException} when it does; what the body throws otherwise.
   *
   * @param delay null for no limit
   */
  @CanIgnoreReturnValue
  public static <R extends @Nullable Object> R timeout(
      @Nullable Duration delay, Timeout.Body<R> body) {
    return Timeout.after(delay).run(body);
  }

  /** As {@link #timeout(Duration, Timeout.Body)}, without a result. */
  @SuppressWarnings("overloads") // the shape of the lambda's block tells them apart
  public static void timeout(@Nullable Duration delay, Timeout.Action body) {
    Timeout.after(delay).run(body);
  }

  /** As {@link #timeout(Duration, Timeout.Body)}, for a body that does not move the deadline. */
  @CanIgnoreReturnValue
  public static <R extends @Nullable Object> R timeout(@Nullable Duration delay, Callable<R> body) {
    return Timeout.after(delay).run((Timeout.Body<R>) _ -> body.call());
  }

  /** As {@link #timeout(Duration, Callable)}, without a result. */
  public static void timeout(@Nullable Duration delay, Action body) {
    Timeout.after(delay).run((Timeout.Action) _ -> body.run());
  }

  /** As {@link #timeout(Duration, Timeout.Body)}, with a deadline on the loop's clock. */
  @CanIgnoreReturnValue
  public static <R extends @Nullable Object> R timeoutAt(
      @Nullable Duration when, Timeout.Body<R> body) {
    return Timeout.at(when).run(body);
  }

  /** As {@link #timeoutAt(Duration, Timeout.Body)}, without a result. */
  @SuppressWarnings("overloads") // the shape of the lambda's block tells them apart
  public static void timeoutAt(@Nullable Duration when, Timeout.Action body) {
    Timeout.at(when).run(body);
  }

  // ---- threads

  /**
   * Runs blocking code on a virtual thread, in a copy of the current context. The default executor
   * runs it, so {@link Runner#close} waits for it.
   *
   * <p><b>Cancellation:</b> stops the waiting; a call that has begun goes on.
   */
  public static <T extends @Nullable Object> Coroutine<T> toThread(Callable<T> callable) {
    Objects.requireNonNull(callable, "callable");
    return Coroutine.of(() -> {
      Context context = Context.copyContext();
      return AbstractEventLoop.running()
          .<T>runInExecutor(null, () -> context.run(callable))
          .await();
    });
  }

  /** As {@link #toThread(Callable)}, without a result. */
  public static Coroutine<@Nullable Void> toThread(Action action) {
    Objects.requireNonNull(action, "action");
    return Asyncio.<@Nullable Void>toThread(() -> {
      action.run();
      return null;
    });
  }

  /**
   * Starts a coroutine on a loop that runs in another thread.
   *
   * <p><b>Cancellation:</b> cancelling what it gives cancels the task, and the other way round.
   *
   * <p><b>Threads:</b> any but the loop's own, which would wait for itself.
   *
   * @return the outcome; {@code join()} or {@code get()} it
   */
  public static <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(
      Coroutine<T> coroutine, AbstractEventLoop loop) {
    return CompletionStages.submit(Objects.requireNonNull(coroutine, "coroutine"), loop);
  }

  // ---- futures

  /** Whether {@code object} is a coroutine. */
  public static boolean isCoroutine(@Nullable Object object) {
    return object instanceof Coroutine<?>;
  }

  /** Whether {@code object} is a future or a task. */
  public static boolean isFuture(@Nullable Object object) {
    return object instanceof Future<?>;
  }

  /** {@code awaitable} itself if it is a future, else a task that awaits it. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> Future<T> ensureFuture(Awaitable<T> awaitable) {
    return Futures.ensure(awaitable, AbstractEventLoop.running());
  }

  /** A future that follows a stage of the JDK's; cancellation goes both ways. */
  public static <T extends @Nullable Object> Future<T> wrapFuture(CompletionStage<T> stage) {
    return CompletionStages.wrap(AbstractEventLoop.running(), Objects.requireNonNull(stage));
  }

  // ---- iteration

  /** The iterator of something whose items have to be waited for. */
  public static <T extends @Nullable Object> AsyncIterator<T> aiter(AsyncIterable<T> iterable) {
    return iterable.aiter();
  }

  /**
   * The next item of an iterator, which may have to be waited for.
   *
   * <p><b>Errors:</b> {@link java.util.NoSuchElementException} at the end.
   */
  public static <T extends @Nullable Object> Coroutine<T> anext(Iterator<? extends T> iterator) {
    return async(() -> iterator.next());
  }

  /** The next item of an iterator, or {@code otherwise} at the end. */
  public static <T extends @Nullable Object> Coroutine<T> anext(
      Iterator<? extends T> iterator, T otherwise) {
    return async(() -> iterator.hasNext() ? iterator.next() : otherwise);
  }

  /**
   * {@code generator} for a {@code try} that closes it at its end, in this task: {@code try (var
   * rows = aclosing(rows())) { for (Row row : rows) … }}.
   */
  public static <T extends @Nullable Object> Aclosing<T> aclosing(AsyncGenerator<T> generator) {
    return new Aclosing<>(generator);
  }

  // ---- streams

  /**
   * Connects to a TCP server; see {@link #openConnection(String, int, ConnectOptions,
   * StreamOptions)}.
   */
  public static Coroutine<Connection> openConnection(String host, int port) {
    return openConnection(host, port, ConnectOptions.defaults(), StreamOptions.defaults());
  }

  /**
   * Connects to a TCP server.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} when no address can be connected to.
   *
   * @return the connection's reader and writer
   */
  public static Coroutine<Connection> openConnection(
      @Nullable String host, int port, ConnectOptions options, StreamOptions streams) {
    return Streams.openConnection(AbstractEventLoop.running(), host, port, options, streams);
  }

  /**
   * Connects to a TLS server: {@code openConnection("example.org", 443, tls())}.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} when no address can be connected to; {@link
   * javax.net.ssl.SSLException} when the handshake fails, for instance because the certificate is
   * not trusted or not for {@code host}.
   */
  public static Coroutine<Connection> openConnection(
      @Nullable String host, int port, TlsOptions ssl) {
    return openConnection(host, port, ConnectOptions.defaults().ssl(ssl), StreamOptions.defaults());
  }

  /** Listens for TLS connections on {@code host}; null for all of this machine's addresses. */
  public static Coroutine<Server> startServer(
      ClientConnected clientConnected, @Nullable String host, int port, TlsOptions ssl) {
    return startServer(
        clientConnected,
        host == null ? List.of() : List.of(host),
        port,
        ServerOptions.defaults().ssl(ssl),
        StreamOptions.defaults());
  }

  /**
   * TLS as a client wants it: the server's certificate must be one that this JVM trusts, and for
   * the host connected to.
   */
  public static TlsOptions tls() {
    return TlsOptions.defaults();
  }

  /** TLS with the keys and the trust of a context; a client verifies the server's name too. */
  public static TlsOptions tls(SSLContext context) {
    return TlsOptions.defaults().context(context);
  }

  /** Listens for TCP connections on {@code host}; null for all of this machine's addresses. */
  public static Coroutine<Server> startServer(
      ClientConnected clientConnected, @Nullable String host, int port) {
    return startServer(
        clientConnected,
        host == null ? List.of() : List.of(host),
        port,
        ServerOptions.defaults(),
        StreamOptions.defaults());
  }

  /**
   * Listens for TCP connections and runs {@code clientConnected} as a task for each.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the address that cannot be bound.
   *
   * @param hosts none for all of this machine's addresses
   * @param port 0 for one that is free
   */
  public static Coroutine<Server> startServer(
      ClientConnected clientConnected,
      Collection<String> hosts,
      int port,
      ServerOptions options,
      StreamOptions streams) {
    return Streams.startServer(
        AbstractEventLoop.running(), clientConnected, hosts, port, options, streams);
  }

  /** Connects to a Unix socket with the usual options. */
  public static Coroutine<Connection> openUnixConnection(Path path) {
    return openUnixConnection(path, ConnectOptions.defaults(), StreamOptions.defaults());
  }

  /**
   * Connects to a Unix socket.
   *
   * <p><b>Cancellation:</b> the socket is closed.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the path.
   *
   * @param path the server's socket file; null where {@code options} has a socket
   * @return the connection's reader and writer
   */
  public static Coroutine<Connection> openUnixConnection(
      @Nullable Path path, ConnectOptions options, StreamOptions streams) {
    return Streams.openUnixConnection(AbstractEventLoop.running(), path, options, streams);
  }

  /** Listens on a Unix socket with the usual options. */
  public static Coroutine<Server> startUnixServer(ClientConnected clientConnected, Path path) {
    return startUnixServer(
        clientConnected, path, ServerOptions.defaults(), StreamOptions.defaults());
  }

  /**
   * Listens on a Unix socket and runs {@code clientConnected} as a task for each connection. Its
   * file replaces a socket that is there already, and is removed when the server closes.
   *
   * <p><b>Errors:</b> {@link java.net.BindException} naming the path that cannot be bound.
   *
   * @param path the socket file to make; null where {@code options} has a socket
   */
  public static Coroutine<Server> startUnixServer(
      ClientConnected clientConnected,
      @Nullable Path path,
      ServerOptions options,
      StreamOptions streams) {
    return Streams.startUnixServer(
        AbstractEventLoop.running(), clientConnected, path, options, streams);
  }

  // ---- child processes

  /** Starts a program with our streams, directory and environment. */
  public static Coroutine<AsyncProcess> createSubprocessExec(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addFirst(program);
    return createSubprocessExec(command, SubprocessOptions.defaults());
  }

  /**
   * Starts a program.
   *
   * <p><b>Cancellation:</b> the child is killed and waited for.
   *
   * <p><b>Errors:</b> {@link java.nio.file.NoSuchFileException} if there is no such program or
   * directory, {@link java.nio.file.AccessDeniedException} if it may not be run, another {@link
   * java.io.IOException} otherwise.
   *
   * @param command the program, a path or a name to look for in {@code PATH}, and its arguments
   */
  public static Coroutine<AsyncProcess> createSubprocessExec(
      List<String> command, SubprocessOptions options) {
    return Processes.exec(AbstractEventLoop.running(), command, options);
  }

  /** Has the shell run a command line, with our streams, directory and environment. */
  public static Coroutine<AsyncProcess> createSubprocessShell(String cmd) {
    return createSubprocessShell(cmd, SubprocessOptions.defaults());
  }

  /**
   * As {@link #createSubprocessExec(List, SubprocessOptions)}, with a command line for {@code
   * /bin/sh}. Quoting what comes from elsewhere is the caller's business; without a shell there is
   * none to be done.
   */
  public static Coroutine<AsyncProcess> createSubprocessShell(
      String cmd, SubprocessOptions options) {
    return Processes.shell(AbstractEventLoop.running(), cmd, options);
  }
}

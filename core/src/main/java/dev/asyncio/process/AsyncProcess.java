package dev.asyncio.process;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Action;
import dev.asyncio.Coroutine;
import dev.asyncio.ProcessLookupException;
import dev.asyncio.Task;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.SubprocessTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A child process whose pipes are streams.
 *
 * {@snippet :
 * AsyncProcess sort =
 *     await(createSubprocessExec(List.of("sort"), SubprocessOptions.defaults().stdin(PIPE).stdout(PIPE)));
 * byte[] sorted = await(sort.communicate(lines)).stdout();
 * }
 *
 * <p>A child that is neither waited for nor killed goes on, and is killed when the loop closes.
 * None becomes a zombie, whether it is waited for or not.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.subprocess.Process}.
 */
@CheckReturnValue
public final class AsyncProcess {
  private static final System.Logger LOG = System.getLogger("asyncio");

  private final SubprocessTransport transport;
  private final SubprocessStreamProtocol protocol;

  AsyncProcess(SubprocessTransport transport, SubprocessStreamProtocol protocol) {
    this.transport = transport;
    this.protocol = protocol;
  }

  /**
   * All that a child wrote.
   *
   * @param stdout its output, or {@code null} if that is no pipe
   * @param stderr its errors, or {@code null} if that is no pipe
   */
  @SuppressWarnings("ArrayRecordComponent") // bytes, as streams give them
  public record Output(byte @Nullable [] stdout, byte @Nullable [] stderr) {}

  /** The pipe to the child's input, or {@code null} if that is no pipe. */
  public @Nullable StreamWriter stdin() {
    return protocol.stdin();
  }

  /** The pipe from the child's output, or {@code null} if that is no pipe. */
  public @Nullable StreamReader stdout() {
    return protocol.reader(1);
  }

  /** The pipe from the child's errors, or {@code null} if that is no pipe. */
  public @Nullable StreamReader stderr() {
    return protocol.reader(2);
  }

  /** The process id; that of the shell for a shell command. */
  public long pid() {
    return transport.getPid();
  }

  /** The exit status, {@code -N} if signal N ended the child, or {@code null} while it runs. */
  public @Nullable Integer returnCode() {
    return transport.getReturnCode();
  }

  /** The transport underneath; closing it kills the child. */
  public SubprocessTransport transport() {
    return transport;
  }

  /**
   * Waits for the child's end; any number of tasks may.
   *
   * <p>With pipes that nobody reads this may wait for ever, since a child stops when its pipe is
   * full; {@link #communicate()} reads them.
   *
   * <p><b>Order:</b> ends when the child has ended and its pipes are closed; at once if the end is
   * known already.
   *
   * <p><b>Cancellation:</b> stops this waiting only; the child goes on.
   *
   * @return {@link #returnCode()}
   */
  public Coroutine<Integer> waitFor() {
    return Coroutine.of(this::waitNow);
  }

  @CanIgnoreReturnValue
  private int waitNow() {
    Integer known = returnCode();
    if (known != null) {
      return known;
    }
    protocol.waitLost();
    return Objects.requireNonNull(returnCode());
  }

  /** As {@link #communicate(byte[])}, with an input that is empty. */
  public Coroutine<Output> communicate() {
    return communicate(null);
  }

  /**
   * Writes {@code input} to the child and closes its input, reads all that it writes, and waits for
   * its end. What is no pipe is left alone.
   *
   * <p>A child that closes its input early is no error.
   *
   * <p><b>Cancellation:</b> the child goes on, and what was read so far stays in the streams, so
   * that this may be called again; {@link #kill()} it if its result is not wanted any more.
   *
   * <p><b>Errors:</b> {@link IllegalArgumentException} for an input where the child's is no pipe.
   *
   * @param input what the child is to read, or {@code null} for nothing
   * @return the output and the errors
   */
  public Coroutine<Output> communicate(byte @Nullable [] input) {
    return Coroutine.of(() -> communicateNow(input));
  }

  private Output communicateNow(byte @Nullable [] input) {
    StreamWriter toChild = stdin();
    if (input != null && toChild == null) {
      throw new IllegalArgumentException(
          "there is input for " + this + ", but no pipe to it; start it with stdin(PIPE)");
    }
    var bytes = new byte[3] @Nullable [];
    List<Task<@Nullable Void>> parts = new ArrayList<>(3);
    if (toChild != null) {
      parts.add(start(() -> feed(toChild, input)));
    }
    for (int fd = 1; fd <= 2; fd++) {
      int from = fd;
      StreamReader reader = protocol.reader(fd);
      if (reader != null) {
        parts.add(start(() -> bytes[from] = readAll(from, reader)));
      }
    }
    try {
      parts.forEach(Task::await);
    } finally {
      parts.forEach(Task::cancel); // those that are done do not mind
    }
    waitNow();
    return new Output(bytes[1], bytes[2]);
  }

  private static Task<@Nullable Void> start(Action part) {
    return AbstractEventLoop.running().createTask(Coroutine.of(part));
  }

  private void feed(StreamWriter toChild, byte @Nullable [] input) {
    try {
      if (input != null) {
        toChild.write(input);
        debug("communicate: feed stdin (" + input.length + " bytes)");
        toChild.drain().await(IOException.class);
      }
    } catch (IOException closedByChild) {
      debug("communicate: stdin got " + closedByChild);
    }
    toChild.close();
  }

  private byte[] readAll(int fd, StreamReader reader) {
    byte[] all = reader.read().await();
    if (transport.getPipeTransport(fd) instanceof ReadTransport pipe) {
      pipe.close();
    }
    return all;
  }

  private void debug(String what) {
    if (AbstractEventLoop.running().getDebug()) {
      LOG.log(System.Logger.Level.DEBUG, this + " " + what);
    }
  }

  /**
   * Sends a signal; does nothing to a child that has ended a moment ago.
   *
   * @param signal its number, such as 2 for SIGINT
   * @throws ProcessLookupException if the child is gone
   * @throws UnsupportedOperationException if the system has no such signals
   */
  public void sendSignal(int signal) {
    transport.sendSignal(signal);
  }

  /**
   * Asks the child to end: SIGTERM.
   *
   * @throws ProcessLookupException if the child is gone
   */
  public void terminate() {
    transport.terminate();
  }

  /**
   * Ends the child at once: SIGKILL.
   *
   * @throws ProcessLookupException if the child is gone
   */
  public void kill() {
    transport.kill();
  }

  @Override
  public String toString() {
    return "AsyncProcess[" + pid() + "]";
  }
}

package dev.asyncio.child;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.ProcessLookupException;
import dev.asyncio.Unclosed;
import dev.asyncio.net.IoLoop;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A child and its pipes.
 *
 * <p><b>Source:</b> CPython 3.14, {@code base_subprocess.BaseSubprocessTransport}.
 */
final class ChildTransport implements SubprocessTransport {
  private static final System.Logger LOG = System.getLogger("asyncio");
  private static final Unclosed.Kind<Object> KIND = Unclosed.kind("transport", _ -> {});
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final Children children;
  private final Child child;
  private final Command command;
  private SubprocessProtocol protocol;

  private final @Nullable PipeReader[] readers = new PipeReader[3];
  private @Nullable PipeWriter writer;
  private int openPipes;
  private boolean closed;
  private boolean abandoned; // nobody is told any more
  private @Nullable Unclosed unclosed;
  private @Nullable Integer returnCode;
  private boolean gone; // connectionLost was called
  private final List<Future<@Nullable Void>> waiters = new ArrayList<>(0);

  private ChildTransport(
      Children children, IoLoop io, Child child, Command command, SubprocessProtocol protocol) {
    this.children = children;
    this.io = io;
    this.loop = io.loop();
    this.child = child;
    this.command = command;
    this.protocol = protocol;
  }

  /** Ties a child that has just been started to a protocol; {@code made} ends when it is told. */
  static ChildTransport start(
      Children children,
      IoLoop io,
      Child child,
      Command command,
      SubprocessProtocol protocol,
      Future<@Nullable Void> made)
      throws IOException {
    var transport = new ChildTransport(children, io, child, command, protocol);
    children.add(transport);
    transport.unclosed = Unclosed.watch(io.loop(), transport, KIND, "process " + child.pid());
    try {
      child.watch(transport::exited); // first, so that it is laid to rest whatever comes
      transport.openPipes();
    } catch (IOException e) {
      children.remove(transport);
      transport.abandon();
      throw e;
    }
    io.loop().callSoon(() -> transport.begin(made)); // before any event: those come from elsewhere
    return transport;
  }

  private void openPipes() throws IOException {
    PipeEnd stdin = child.pipe(0);
    if (stdin != null) {
      openPipes++;
      writer = new PipeWriter(io, stdin, name(0), new Input());
    }
    for (int fd = 1; fd <= 2; fd++) {
      PipeEnd output = child.pipe(fd);
      if (output != null) {
        openPipes++;
        readers[fd] = new PipeReader(io, output, name(fd), new Output(fd));
      }
    }
  }

  private String name(int fd) {
    return List.of("stdin", "stdout", "stderr").get(fd) + " of process " + child.pid();
  }

  private void begin(Future<@Nullable Void> made) {
    try {
      protocol.connectionMade(this);
    } finally {
      for (PipeReader reader : readers) {
        if (reader != null) {
          reader.begin();
        }
      }
      if (!made.done()) {
        made.setResult(null);
      }
    }
  }

  /** What comes of the pipe to the child. */
  private final class Input implements BaseProtocol {
    @Override
    public void connectionLost(@Nullable Throwable exc) {
      pipeLost(0, exc);
    }

    @Override
    public void pauseWriting() {
      protocol.pauseWriting();
    }

    @Override
    public void resumeWriting() {
      protocol.resumeWriting();
    }
  }

  /** What comes of a pipe from the child. */
  private final class Output implements Protocol {
    private final int fd;

    Output(int fd) {
      this.fd = fd;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
      loop.callSoon(() -> protocol.pipeDataReceived(fd, copy));
    }

    @Override
    public void connectionLost(@Nullable Throwable exc) {
      pipeLost(fd, exc);
    }
  }

  private void pipeLost(int fd, @Nullable Throwable exc) {
    loop.callSoon(() -> protocol.pipeConnectionLost(fd, exc));
    openPipes--;
    finishIfAllIsOver();
  }

  private void exited(int status) {
    returnCode = status;
    if (abandoned) {
      return;
    }
    if (loop.getDebug()) {
      LOG.log(System.Logger.Level.INFO, this + " exited with return code " + status);
    }
    loop.callSoon(protocol::processExited);
    finishIfAllIsOver();
  }

  private void finishIfAllIsOver() {
    if (returnCode != null && openPipes == 0) {
      loop.callSoon(this::connectionLost);
    }
  }

  private void connectionLost() {
    children.remove(this);
    noLongerOpen();
    gone = true;
    try {
      protocol.connectionLost(null);
    } finally {
      for (Future<@Nullable Void> waiter : waiters) {
        if (!waiter.done()) {
          waiter.setResult(null);
        }
      }
    }
  }

  /** Waits until the child has ended and its pipes are closed; at once if the end is known. */
  void waitEnded() {
    if (returnCode == null) {
      Future<@Nullable Void> waiter = loop.createFuture();
      waiters.add(waiter);
      waiter.await();
    }
  }

  @Override
  public void close() {
    io.checkCaller("transport.close()");
    if (closed) {
      return;
    }
    closed = true;
    noLongerOpen();
    if (writer != null) {
      writer.close();
    }
    for (PipeReader reader : readers) {
      if (reader != null) {
        reader.close();
      }
    }
    killIfAlive();
  }

  private void noLongerOpen() {
    if (unclosed != null) {
      unclosed.closed();
    }
  }

  private void killIfAlive() {
    if (returnCode != null) {
      return;
    }
    if (loop.getDebug()) {
      LOG.log(System.Logger.Level.WARNING, "Close running child process: kill " + this);
    }
    try {
      child.signal(SIGKILL);
    } catch (IOException notAllowed) {
      LOG.log(System.Logger.Level.DEBUG, "a closed child goes on: " + this, notAllowed);
    }
  }

  /** The loop is closed or the child could not be watched: nobody is told any more. */
  void abandon() {
    closed = true;
    abandoned = true;
    noLongerOpen();
    if (writer != null) {
      writer.release();
    }
    for (PipeReader reader : readers) {
      if (reader != null) {
        reader.release();
      }
    }
    killIfAlive();
  }

  @Override
  public boolean isClosing() {
    return closed;
  }

  @Override
  public long getPid() {
    return child.pid();
  }

  @Override
  public @Nullable Integer getReturnCode() {
    return returnCode;
  }

  @Override
  public @Nullable BaseTransport getPipeTransport(int fd) {
    return switch (fd) {
      case 0 -> writer;
      case 1, 2 -> readers[fd];
      default -> null;
    };
  }

  @Override
  public void sendSignal(int signal) {
    io.checkCaller("transport.sendSignal()");
    if (gone) {
      throw new ProcessLookupException(
          "process " + getPid() + " has ended, with status " + returnCode + "; no signal was sent");
    }
    if (returnCode == null) {
      try {
        child.signal(signal);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void terminate() {
    sendSignal(SIGTERM);
  }

  @Override
  public void kill() {
    sendSignal(SIGKILL);
  }

  /** {@inheritDoc} This one has {@code "subprocess"}: a {@link ProcessHandle}, while it lives. */
  @Override
  public @Nullable Object getExtraInfo(String detail) {
    return detail.equals("subprocess") ? ProcessHandle.of(getPid()).orElse(null) : null;
  }

  @Override
  public void setProtocol(BaseProtocol next) {
    if (!(next instanceof SubprocessProtocol taken)) {
      throw new IllegalArgumentException("a child needs a SubprocessProtocol, got " + next);
    }
    protocol = taken;
  }

  @Override
  public BaseProtocol getProtocol() {
    return protocol;
  }

  @Override
  public String toString() {
    return "SubprocessTransport["
        + command.program()
        + (closed ? ", closed" : "")
        + ", pid="
        + getPid()
        + (returnCode == null ? ", running" : ", returncode=" + Objects.toString(returnCode))
        + "]";
  }
}

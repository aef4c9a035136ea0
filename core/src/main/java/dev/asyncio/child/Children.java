package dev.asyncio.child;

import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.SubprocessOptions;
import dev.asyncio.net.IoLoop;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The children of one loop.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.subprocess_exec}.
 */
public final class Children {
  private final IoLoop io;
  private final Set<ChildTransport> living = new LinkedHashSet<>();

  /** No children yet, of a loop. */
  public Children(IoLoop io) {
    this.io = io;
  }

  /** What {@code loop.subprocessExec} does. */
  public <P extends SubprocessProtocol> Coroutine<Connected<SubprocessTransport, P>> exec(
      Supplier<P> factory, List<String> command, SubprocessOptions options) {
    return Coroutine.of(() -> start(factory, new Command(command, options)));
  }

  /** What {@code loop.subprocessShell} does. */
  public <P extends SubprocessProtocol> Coroutine<Connected<SubprocessTransport, P>> shell(
      Supplier<P> factory, String cmd, SubprocessOptions options) {
    List<String> shell =
        JdkChild.WINDOWS ? List.of("cmd.exe", "/c", cmd) : List.of("/bin/sh", "-c", cmd);
    return exec(factory, shell, options);
  }

  private <P extends SubprocessProtocol> Connected<SubprocessTransport, P> start(
      Supplier<P> factory, Command command) throws Exception {
    io.checkCaller("subprocessExec()");
    if (!Mechanism.loaded()) {
      // Makes the JDK generate code, which takes a tenth of a second.
      io.loop().runInExecutor(null, Mechanism::chosen).await();
    }
    Launcher launcher = Mechanism.chosen();
    P protocol = factory.get();
    var starting = new Starting(io.loop(), launcher, command);
    Child child = starting.await();
    Future<@Nullable Void> made = io.loop().createFuture();
    ChildTransport transport = ChildTransport.start(this, io, child, command, protocol, made);
    try {
      starting.throwIfCancelled();
      made.await();
    } catch (Throwable e) { // a cancellation
      transport.close();
      transport.waitEnded();
      throw e;
    }
    return new Connected<>(transport, protocol);
  }

  void add(ChildTransport transport) {
    living.add(transport);
  }

  void remove(ChildTransport transport) {
    living.remove(transport);
  }

  /** The loop is closed: kills what still runs, and lets go of the pipes. */
  public void close() {
    List<ChildTransport> abandoned = new ArrayList<>(living);
    living.clear();
    abandoned.forEach(ChildTransport::abandon);
  }
}

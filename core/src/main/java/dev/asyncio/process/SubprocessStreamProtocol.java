package dev.asyncio.process;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.stream.FlowControlProtocol;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import dev.asyncio.transport.WriteTransport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts streams on a child's pipes, and closes the transport once the child has ended and all it
 * wrote was delivered.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.subprocess.SubprocessStreamProtocol}.
 */
final class SubprocessStreamProtocol implements SubprocessProtocol {
  private final int limit;
  private final FlowControlProtocol input = new FlowControlProtocol(); // of stdin alone
  private @Nullable SubprocessTransport transport;
  private @Nullable StreamWriter stdin;
  private final @Nullable StreamReader[] readers = new StreamReader[3];
  private int openReaders;
  private boolean exited;
  private boolean lost;
  private final List<Future<@Nullable Void>> waiters = new ArrayList<>(1);

  SubprocessStreamProtocol(int limit) {
    this.limit = limit;
  }

  @Nullable StreamWriter stdin() {
    return stdin;
  }

  @Nullable StreamReader reader(int fd) {
    return readers[fd];
  }

  @Override
  public void connectionMade(BaseTransport made) {
    var child = (SubprocessTransport) made;
    transport = child;
    for (int fd = 1; fd <= 2; fd++) {
      if (child.getPipeTransport(fd) instanceof ReadTransport pipe) {
        var reader = new StreamReader(limit);
        reader.setTransport(pipe);
        readers[fd] = reader;
        openReaders++;
      }
    }
    if (child.getPipeTransport(0) instanceof WriteTransport pipe) {
      stdin = new StreamWriter(pipe, input, null);
    }
  }

  @Override
  public void pipeDataReceived(int fd, ByteBuffer data) {
    StreamReader reader = readers[fd];
    if (reader != null) {
      reader.feedData(data);
    }
  }

  @Override
  public void pipeConnectionLost(int fd, @Nullable Throwable exc) {
    if (fd == 0) {
      if (stdin != null) {
        stdin.close();
      }
      input.connectionLost(exc);
      return;
    }
    StreamReader reader = readers[fd];
    if (reader != null) {
      if (exc == null) {
        reader.feedEof();
      } else {
        reader.setException(exc);
      }
      openReaders--;
    }
    closeWhenAllIsOver();
  }

  @Override
  public void processExited() {
    exited = true;
    closeWhenAllIsOver();
  }

  private void closeWhenAllIsOver() {
    if (exited && openReaders == 0 && transport != null) {
      transport.close();
    }
  }

  @Override
  public void pauseWriting() {
    input.pauseWriting();
  }

  @Override
  public void resumeWriting() {
    input.resumeWriting();
  }

  @Override
  public void connectionLost(@Nullable Throwable exc) {
    lost = true;
    for (Future<@Nullable Void> waiter : waiters) {
      if (!waiter.done()) {
        waiter.setResult(null);
      }
    }
  }

  /** Waits until the child has ended and its pipes are closed. */
  void waitLost() {
    if (!lost) {
      Future<@Nullable Void> waiter = AbstractEventLoop.running().createFuture();
      waiters.add(waiter);
      try {
        waiter.await();
      } finally {
        waiters.remove(waiter);
      }
    }
  }
}

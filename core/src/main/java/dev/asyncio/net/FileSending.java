package dev.asyncio.net;

import dev.asyncio.Future;
import dev.asyncio.SendfileNotAvailableException;
import dev.asyncio.SendfileOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;

/**
 * A part of a file on its way to a socket, which the system moves by itself: bit by bit, whenever
 * the socket takes some.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * unix_events._UnixSelectorEventLoop._sock_sendfile_native}.
 */
final class FileSending {
  private static final long MOST_AT_ONCE = 1 << 30;

  private final Future<Long> done;
  private final SocketChannel socket;
  private final FileChannel file;
  private final SendfileOptions part;
  private long sent;

  /**
   * Prepares it.
   *
   * @param done gets the number of bytes that were sent
   * @throws SendfileNotAvailableException if this kind of file is known to this process alone
   */
  FileSending(Future<Long> done, SocketChannel socket, FileChannel file, SendfileOptions part) {
    if (file.getClass().getModule() != FileChannel.class.getModule()) {
      throw new SendfileNotAvailableException(
          "syscall sendfile is not available for socket "
              + socket
              + " and file "
              + file
              + " combination; leave fallback on");
    }
    this.done = done;
    this.socket = socket;
    this.file = file;
    this.part = part;
  }

  boolean isDone() {
    return done.done();
  }

  /** Sends what the socket takes now; to be called again when it can be written. */
  void proceed() {
    if (done.done()) {
      return;
    }
    try {
      long left = left();
      if (left > 0) {
        sent += file.transferTo(part.offset() + sent, Math.min(left, MOST_AT_ONCE), socket);
        left = left();
      }
      if (left <= 0) {
        done.setResult(sent);
      }
    } catch (IOException exc) {
      done.setException(exc);
    }
  }

  private long left() throws IOException {
    return part.within(file.size()) - sent;
  }

  void fail(Throwable exc) {
    if (!done.done()) {
      done.setException(exc);
    }
  }

  /** Waits for the end; in any case the file's position is behind what was sent. */
  long await() throws IOException {
    try {
      return done.await();
    } finally {
      if (sent > 0 && file.isOpen()) {
        file.position(part.offset() + sent);
      }
    }
  }
}

package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.SendfileNotAvailableException;
import dev.asyncio.SendfileOptions;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Sends files over transports: by the system alone over a plain socket, else by reading and
 * writing.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.sendfile}.
 */
public final class FileSender {
  private static final int BLOCK = 16 * 1024;

  private final AbstractEventLoop loop;

  /** A sender for a loop. */
  public FileSender(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /** As {@code loop.sendfile}. */
  public Coroutine<Long> send(WriteTransport transport, FileChannel file, SendfileOptions part) {
    return Coroutine.of(() -> {
      if (transport.isClosing()) {
        throw new IllegalStateException("Transport is closing: " + transport);
      }
      if (transport instanceof SocketTransport socket) {
        try {
          return socket.sendfile(file, part);
        } catch (SendfileNotAvailableException exc) {
          if (!part.fallback()) {
            throw exc;
          }
        }
      }
      if (!(transport instanceof Transport both)) {
        throw new IllegalStateException("sendfile is not supported for transport " + transport);
      }
      if (!part.fallback()) {
        throw new IllegalStateException(
            "fallback is disabled and native sendfile is not supported for transport " + transport);
      }
      return readAndWrite(both, file, part);
    });
  }

  private long readAndWrite(Transport transport, FileChannel file, SendfileOptions part)
      throws IOException {
    var writing = new SendfileProtocol(loop, transport);
    try {
      return copy(
          file,
          part,
          block -> {
            writing.drain();
            transport.write(block);
          });
    } finally {
      writing.restore();
    }
  }

  /** Where the blocks of a file go; may suspend. */
  interface Sink {
    void take(ByteBuffer block) throws IOException;
  }

  /** Reads in the executor, gives on, and leaves the file's position behind what was given on. */
  long copy(FileChannel file, SendfileOptions part, Sink sink) throws IOException {
    var block = ByteBuffer.allocate((int) Math.min(BLOCK, part.within(Long.MAX_VALUE)));
    long sent = 0;
    try {
      while (true) {
        long from = part.offset() + sent;
        block.clear().limit((int) Math.min(block.capacity(), part.within(Long.MAX_VALUE) - sent));
        if (!block.hasRemaining()
            || loop.runInExecutor(null, () -> file.read(block, from)).await() <= 0) {
          return sent;
        }
        int count = block.flip().remaining();
        sink.take(block);
        sent += count;
      }
    } finally {
      if (sent > 0 && file.isOpen()) {
        file.position(part.offset() + sent);
      }
    }
  }
}

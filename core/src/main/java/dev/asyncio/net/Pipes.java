package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts transports and protocols on the ends of pipes, and on whatever else can be watched and be
 * read or written.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.connect_read_pipe}, {@code
 * loop.connect_write_pipe}.
 */
public final class Pipes {
  private final IoLoop io;
  private final AbstractEventLoop loop;

  /** Pipes for a loop. */
  public Pipes(IoLoop io) {
    this.io = io;
    this.loop = io.loop();
  }

  /** Starts a transport over a channel that was found fit for it. */
  private interface Starter<T extends ChannelTransport> {
    T start(Future<@Nullable Void> made) throws IOException;
  }

  /**
   * Calls the factory, then {@code connectionMade}, then ends.
   *
   * <p><b>Cancellation:</b> closes the pipe. So does an error, except for an unfit channel.
   */
  public <P extends BaseProtocol> Coroutine<Connected<ReadTransport, P>> connectRead(
      Supplier<P> factory, ReadableByteChannel pipe) {
    return Coroutine.of(() -> {
      P protocol = factory.get();
      if (!(pipe instanceof SelectableChannel)) {
        throw unfit("Pipe transport is for pipes/sockets only.", pipe);
      }
      var watched = (SelectableChannel & ReadableByteChannel) pipe;
      var transport = attach(watched, made -> ReadPipeTransport.start(io, watched, protocol, made));
      return new Connected<>(transport, protocol);
    });
  }

  /** As {@link #connectRead}, for the other end. */
  public <P extends BaseProtocol> Coroutine<Connected<WriteTransport, P>> connectWrite(
      Supplier<P> factory, WritableByteChannel pipe) {
    return Coroutine.of(() -> {
      P protocol = factory.get();
      if (!(pipe instanceof SelectableChannel)) {
        throw unfit("Pipe transport is only for pipes, sockets and character devices", pipe);
      }
      var watched = (SelectableChannel & WritableByteChannel) pipe;
      var transport =
          attach(watched, made -> WritePipeTransport.start(io, watched, protocol, made));
      return new Connected<>(transport, protocol);
    });
  }

  private static IllegalArgumentException unfit(String complaint, Channel pipe) {
    return new IllegalArgumentException(
        complaint + " Got " + pipe + ", which no selector can watch; use it in runInExecutor()");
  }

  private <T extends ChannelTransport> T attach(SelectableChannel pipe, Starter<T> starter)
      throws IOException {
    Future<@Nullable Void> made = loop.createFuture();
    T transport;
    try {
      transport = starter.start(made);
    } catch (Throwable exc) {
      Channels.closeQuietly(pipe);
      throw exc;
    }
    try {
      made.await();
    } catch (Throwable exc) {
      transport.close();
      throw exc;
    }
    return transport;
  }
}

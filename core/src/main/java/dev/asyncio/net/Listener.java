package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ExceptionContext;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One listening socket. It accepts all that is waiting, up to the backlog, each time the loop finds
 * it ready, and leaves off for a second when the system has no descriptor left, which would
 * otherwise make the loop spin.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * BaseSelectorEventLoop._accept_connection}.
 */
final class Listener {
  private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

  private final AbstractEventLoop loop;
  private final ServerSocketChannel channel;
  private final int backlog;
  private final Consumer<SocketChannel> accepted;
  private final IoLoop io;
  private @Nullable Registration registration; // while it accepts

  // A descriptor given up while running out of them is reported: what the report needs, a class or
  // the time zones for a log, may have to be read from a file.
  private @Nullable SocketChannel reserve;

  Listener(IoLoop io, ServerSocketChannel channel, int backlog, Consumer<SocketChannel> accepted) {
    this.io = io;
    this.loop = io.loop();
    this.channel = channel;
    this.backlog = backlog;
    this.accepted = accepted;
  }

  ServerSocketChannel channel() {
    return channel;
  }

  void start() throws IOException {
    registration = io.register(channel, this::acceptReady);
    registration.reading(true);
    takeReserve();
  }

  /** Leaves off, and leaves the socket open: another loop may go on with it. */
  void stop() {
    if (registration != null) {
      registration.close();
      registration = null;
    }
    giveUpReserve();
  }

  /** Closes the socket; the system resets connections that were not accepted yet. */
  void close() {
    stop();
    Channels.closeQuietly(channel);
  }

  private void acceptReady() {
    for (int i = 0; i <= backlog && registration != null && channel.isOpen(); i++) {
      SocketChannel peer;
      try {
        peer = channel.accept();
      } catch (IOException exc) {
        pause(exc);
        return;
      }
      if (peer == null) {
        return;
      }
      loop.callSoon(() -> accepted.accept(peer));
    }
  }

  private void pause(IOException exc) {
    giveUpReserve();
    reading(false);
    loop.callLater(RETRY_DELAY, this::resume);
    loop.callExceptionHandler(
        ExceptionContext.of("socket.accept() out of system resource").exception(exc));
    takeReserve();
  }

  private void resume() {
    if (registration != null && channel.isOpen()) {
      takeReserve();
      reading(true);
    }
  }

  private void takeReserve() {
    if (reserve == null) {
      try {
        reserve = SocketChannel.open();
      } catch (IOException stillNone) {
        // then without, until the next time
      }
    }
  }

  private void giveUpReserve() {
    if (reserve != null) {
      Channels.closeQuietly(reserve);
      reserve = null;
    }
  }

  private void reading(boolean on) {
    if (registration != null) {
      registration.reading(on);
    }
  }

  @Override
  public String toString() {
    return channel.toString();
  }
}

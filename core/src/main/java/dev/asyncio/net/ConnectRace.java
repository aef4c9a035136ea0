package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import dev.asyncio.TimerHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first of several addresses that answers. The next address is tried when an
 * attempt fails, and, if a delay is given, also when that has passed without an answer (Happy
 * Eyeballs, RFC 8305); attempts then overlap, the first to connect wins and the others are closed.
 *
 * <p><b>Cancellation:</b> closes every socket, the winner's too if it was not handed out yet.
 *
 * <p><b>Threads:</b> inside a coroutine. <b>Source:</b> CPython 3.14, {@code
 * BaseEventLoop._connect_sock}, {@code staggered.staggered_race}.
 */
final class ConnectRace {
  private final IoLoop io;
  private final AbstractEventLoop loop;
  private final Iterator<? extends SocketAddress> untried;
  private final List<InetSocketAddress> localAddresses;
  private final @Nullable Duration delay;

  private final Future<@Nullable SocketChannel> winner; // null: all have failed
  private final List<Attempt> running = new ArrayList<>();
  private final List<IOException> errors = new ArrayList<>();
  private @Nullable TimerHandle stagger;

  /**
   * Prepares the race.
   *
   * @param localAddresses to bind to, the first that suits; empty to let the system pick
   * @param delay after which the next address is tried; {@code null} for only after a failure
   */
  ConnectRace(
      IoLoop io,
      List<? extends SocketAddress> addresses,
      List<InetSocketAddress> localAddresses,
      @Nullable Duration delay) {
    this.io = io;
    this.loop = io.loop();
    this.untried = addresses.iterator();
    this.localAddresses = localAddresses;
    this.delay = delay;
    this.winner = loop.createFuture();
  }

  /** Runs the race; returns the connected channel, or {@code null} when all attempts failed. */
  @Nullable SocketChannel run() {
    SocketChannel taken = null;
    try {
      tryNext();
      taken = winner.await();
      return taken;
    } finally {
      if (stagger != null) {
        stagger.cancel();
      }
      for (Attempt attempt : running) {
        if (attempt.channel != taken) {
          attempt.giveUp();
        }
      }
    }
  }

  /** Why each attempt failed, in the order of failing. */
  List<IOException> errors() {
    return errors;
  }

  private void tryNext() {
    if (stagger != null) {
      stagger.cancel();
      stagger = null;
    }
    while (!winner.done() && untried.hasNext()) {
      if (start(untried.next())) {
        if (delay != null && untried.hasNext()) {
          stagger = loop.callLater(delay, this::tryNext);
        }
        return;
      }
    }
    if (running.isEmpty() && !winner.done()) {
      winner.setResult(null);
    }
  }

  /** Returns whether the attempt is under way, or has won already. */
  private boolean start(SocketAddress address) {
    SocketChannel channel = null;
    try {
      channel = open(address);
      bind(channel, address);
      Attempt attempt = new Attempt(channel, address);
      running.add(attempt);
      attempt.start();
      return true;
    } catch (IOException exc) {
      running.removeIf(attempt -> attempt.address == address);
      if (channel != null) {
        Channels.closeQuietly(channel);
      }
      errors.add(named(exc, address));
      return false;
    }
  }

  private static SocketChannel open(SocketAddress address) throws IOException {
    SocketChannel channel = Channels.open(Channels.familyOf(address), SocketChannel::open);
    try {
      channel.configureBlocking(false);
      return channel;
    } catch (IOException exc) {
      Channels.closeQuietly(channel);
      throw exc;
    }
  }

  private void bind(SocketChannel channel, SocketAddress target) throws IOException {
    if (localAddresses.isEmpty()) {
      return;
    }
    StandardProtocolFamily family = Channels.familyOf(target);
    SocketException failure =
        new SocketException("no matching local address with family=" + family + " found");
    for (InetSocketAddress local : localAddresses) {
      if (Resolver.familyOf(local.getAddress()) == family) {
        try {
          channel.bind(local);
          return;
        } catch (IOException exc) {
          failure = BindFailure.of(local, exc);
        }
      }
    }
    throw failure;
  }

  /** The same kind of error, naming the address that it is about. */
  static IOException named(IOException exc, SocketAddress address) {
    return exc instanceof BindFailure ? exc : Channels.connectFailure(address, exc);
  }

  /** One address being connected to. */
  private final class Attempt {
    final SocketChannel channel;
    final SocketAddress address;
    private @Nullable Registration registration;

    Attempt(SocketChannel channel, SocketAddress address) {
      this.channel = channel;
      this.address = address;
    }

    void start() throws IOException {
      if (channel.connect(address)) {
        win();
      } else {
        registration = io.register(channel, () -> {});
        registration.writing(this::finish);
      }
    }

    private void finish() {
      if (winner.done() || !channel.isOpen()) {
        return; // lost, or given up, by a callback that ran between the poll and this one
      }
      try {
        if (channel.finishConnect()) {
          win();
        }
      } catch (IOException exc) {
        errors.add(named(exc, address));
        running.remove(this);
        giveUp();
        tryNext();
      }
    }

    private void win() {
      if (registration != null) {
        registration.close();
        registration = null;
      }
      winner.setResult(channel);
    }

    void giveUp() {
      if (registration != null) {
        registration.close();
        registration = null;
      }
      Channels.closeQuietly(channel);
    }
  }
}

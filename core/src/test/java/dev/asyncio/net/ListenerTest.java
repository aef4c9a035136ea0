package dev.asyncio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Clock;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.RunnerOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Running out of descriptors, played by a channel that says so. */
@Timeout(60)
class ListenerTest {
  private final List<String> log = new ArrayList<>();

  /** Time that stands still while anything can run, and then jumps. */
  private static final class Jumping implements Clock {
    private long now;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public long idle(long nanos) {
      now += nanos;
      return 0;
    }
  }

  /** A listening channel on which every accept fails. */
  private static final class Exhausted extends ServerSocketChannel {
    private final IOException failure;

    Exhausted(IOException failure) {
      super(SelectorProvider.provider());
      this.failure = failure;
    }

    @Override
    public SocketChannel accept() throws IOException {
      throw failure;
    }

    @Override
    public ServerSocketChannel bind(@Nullable SocketAddress local, int backlog) {
      return this;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
      return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
      return Set.of();
    }

    @Override
    public ServerSocket socket() {
      throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable SocketAddress getLocalAddress() {
      return null;
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}
  }

  /** A loop's side that reports readiness when the test says so, and notes the interest. */
  private final class ByHand extends ReadinessOnly implements IoLoop {
    private @Nullable Runnable onReadable;

    void becomeReadable() {
      Objects.requireNonNull(onReadable).run();
    }

    @Override
    public AbstractEventLoop loop() {
      return Asyncio.runningLoop();
    }

    @Override
    public Registration register(SelectableChannel channel, Runnable readable) {
      onReadable = readable;
      return this;
    }

    @Override
    public void reading(boolean on) {
      log.add("reading " + on + " at " + loop().time().toMillis());
    }

    @Override
    public void writing(@Nullable Runnable callback) {}

    @Override
    public void close() {
      log.add("closed");
    }

    @Override
    public ByteBuffer readBuffer() {
      throw new AssertionError("not expected");
    }

    @Override
    public ByteBuffer sendBuffer() {
      throw new AssertionError("not expected");
    }

    @Override
    public void checkCaller(String call) {}
  }

  private static void run(dev.asyncio.Action body) {
    Asyncio.run(Coroutine.of(body), RunnerOptions.defaults().clock(new Jumping()));
  }

  @Test
  void without_descriptors_accepting_pauses_for_a_second_and_says_so() {
    run(() -> {
      List<ExceptionContext> reports = Loopback.reports();
      var failure = new SocketException("Too many open files");
      var io = new ByHand();
      var listener = new Listener(io, new Exhausted(failure), 100, channel -> {});
      listener.start();
      io.becomeReadable();
      assertEquals(1, reports.size(), "and not once for each of the backlog");
      assertEquals("socket.accept() out of system resource", reports.getFirst().message());
      assertSame(failure, reports.getFirst().exception());
      assertEquals(List.of("reading true at 0", "reading false at 0"), log);
      Asyncio.sleep(Duration.ofSeconds(5)).await();
      assertEquals("reading true at 1000", log.getLast());
      io.becomeReadable();
      assertEquals(2, reports.size());
    });
  }

  @Test
  void a_listener_closed_meanwhile_does_not_go_on() {
    run(() -> {
      Loopback.reports();
      var io = new ByHand();
      var channel = new Exhausted(new SocketException("Too many open files"));
      var listener = new Listener(io, channel, 100, peer -> {});
      listener.start();
      io.becomeReadable();
      listener.close();
      assertFalse(channel.isOpen());
      Asyncio.sleep(Duration.ofSeconds(5)).await();
      assertFalse(log.contains("reading true at 1000"), log.toString());
    });
  }
}

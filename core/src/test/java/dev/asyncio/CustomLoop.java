package dev.asyncio;

import dev.asyncio.loop.BaseEventLoop;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.util.Collection;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A loop of somebody else's, without a network: it sleeps until its time or a wake-up has come. */
class CustomLoop extends BaseEventLoop {
  private final Semaphore wakeUps = new Semaphore(0);
  int polls;
  boolean pollerClosed;

  CustomLoop() {
    this(Clock.system());
  }

  CustomLoop(Clock clock) {
    super(null, clock);
  }

  @Override
  protected void poll(long nanos, Consumer<? super Handle> ready) {
    polls++;
    if (nanos > 0) {
      try {
        if (wakeUps.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
          wakeUps.drainPermits();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  protected void wakeUp() {
    wakeUps.release();
  }

  @Override
  protected void closePoller() {
    pollerClosed = true;
  }

  @Override
  public <P extends BaseProtocol> Coroutine<Connected<Transport, P>> createConnection(
      Supplier<P> protocolFactory, @Nullable String host, int port, ConnectOptions options) {
    return Coroutine.of(() -> refuse());
  }

  @Override
  public Coroutine<Server> createServer(
      Supplier<? extends BaseProtocol> protocolFactory,
      Collection<String> hosts,
      int port,
      ServerOptions options) {
    return Coroutine.of(() -> refuse());
  }

  private static <T> T refuse() {
    throw new IllegalStateException("this loop has no network");
  }
}

package dev.asyncio.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.asyncio.Handle;
import dev.asyncio.engine.CarriedEngine;
import dev.asyncio.linux.Availability;
import dev.asyncio.net.Registration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The change from the JDK's selector to epoll, under channels that are being watched. */
@Timeout(60)
class SelectorPollerTest {
  private final SelectorEventLoop loop = new SelectorEventLoop();
  private final List<Pipe> pipes = new ArrayList<>();

  static void assumeEpoll() {
    assumeTrue(
        Availability.obstacle() == null && CarriedEngine.unavailable() == null,
        "needs Linux and the flags of the carried engine");
  }

  @BeforeEach
  void epoll_works() {
    assumeEpoll();
  }

  @AfterEach
  void close() throws IOException {
    loop.close();
    for (Pipe pipe : pipes) {
      pipe.sink().close();
      pipe.source().close();
    }
  }

  private Handle handle() {
    return loop.callSoon(() -> {});
  }

  private SelectorPoller poller() throws IOException {
    return new SelectorPoller(callback -> handle(), true);
  }

  private Pipe pipe(int waiting) throws IOException {
    Pipe pipe = Pipe.open();
    pipes.add(pipe);
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
    pipe.sink().write(ByteBuffer.allocate(waiting));
    return pipe;
  }

  private static List<Handle> polled(SelectorPoller poller) throws IOException {
    List<Handle> ready = new ArrayList<>();
    poller.poll(0, ready::add);
    return ready;
  }

  @Test
  void who_was_watched_before_the_change_is_watched_after_it() throws IOException {
    SelectorPoller poller = poller();
    Handle onReadable = handle();
    Handle onIdle = handle();
    Handle onOwn = handle();
    Registration reading = poller.register(pipe(1).source(), onReadable);
    reading.reading(true);
    Registration idle = poller.register(pipe(1).source(), onIdle);
    idle.reading(true);
    idle.reading(false);
    Pipe own = pipe(1);
    poller.reader(own.source(), onOwn);
    poller.moveTo(new EpollMultiplexer());

    assertEquals(List.of(onReadable, onOwn), inOrder(polled(poller), onReadable, onIdle, onOwn));
    idle.reading(true);
    assertEquals(
        List.of(onReadable, onIdle, onOwn), inOrder(polled(poller), onReadable, onIdle, onOwn));
    assertEquals(1, idle.read(ByteBuffer.allocate(8)));
    reading.reading(false);
    assertEquals(onOwn, poller.reader(own.source(), null));
    assertEquals(List.of(), polled(poller));
    assertTrue(poller.isRegistered(pipes.getFirst().source()));
    reading.close();
    assertFalse(poller.isRegistered(pipes.getFirst().source()));
    poller.close();
    assertFalse(pipes.get(1).source().isOpen());
    assertTrue(own.source().isOpen());
  }

  private static List<Handle> inOrder(List<Handle> ready, Handle... order) {
    List<Handle> sorted = new ArrayList<>(List.of(order));
    sorted.retainAll(ready);
    assertEquals(sorted.size(), ready.size());
    return sorted;
  }

  @Test
  void after_much_input_there_is_epoll_and_nothing_got_lost() throws IOException {
    assumeTrue(System.getProperty("asyncio.poller") == null, "is the choice of this run");
    SelectorPoller poller = poller();
    Handle onReadable = handle();
    poller.register(pipe(1).source(), onReadable).reading(true);
    for (int i = 0; i < Multiplexing.EVENTS_BEFORE_EPOLL; i++) {
      assertInstanceOf(JdkMultiplexer.class, poller.multiplexer());
      assertEquals(List.of(onReadable), polled(poller));
    }
    while (poller.multiplexer() instanceof JdkMultiplexer) { // it is being prepared
      assertEquals(List.of(onReadable), polled(poller));
    }
    assertInstanceOf(EpollMultiplexer.class, poller.multiplexer());
    assertEquals(List.of(onReadable), polled(poller));
    poller.close();
  }

  @Test
  void a_poller_that_was_demanded_and_cannot_be_had_says_what_to_do() {
    String before = System.getProperty("asyncio.poller");
    try {
      System.setProperty("asyncio.poller", "epoll");
      var refused = assertThrows(IllegalStateException.class, () -> Multiplexing.first(false));
      assertTrue(refused.getMessage().endsWith("use the carried engine"), refused::getMessage);
      System.setProperty("asyncio.poller", "kqueue");
      var unknown = assertThrows(IllegalStateException.class, () -> Multiplexing.first(true));
      assertEquals(
          "-Dasyncio.poller=kqueue is unknown; it may be epoll or selector", unknown.getMessage());
    } finally {
      if (before == null) {
        System.clearProperty("asyncio.poller");
      } else {
        System.setProperty("asyncio.poller", before);
      }
    }
  }
}

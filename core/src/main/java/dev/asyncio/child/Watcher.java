package dev.asyncio.child;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.asyncio.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * Watches descriptors that the JDK's selector cannot: pipes to children, and children themselves.
 * One thread of the process does it for all children of all loops. It moves no bytes and takes no
 * status; it tells the loop, whose thread does.
 *
 * <p>A watch is for one event; {@link Watch#arm} renews it. So nothing has to be synchronised: a
 * descriptor that is closed is forgotten by the kernel, and an event on its way finds no watch.
 */
final class Watcher {
  static final int READABLE = 0x1;
  static final int WRITABLE = 0x4;
  static final int BROKEN = 0x8;
  private static final int ONCE = 1 << 30;

  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int MODIFY = 3;
  private static final int BATCH = 64;

  /** Made, with its thread, when the first child is started. */
  static final Watcher SHARED = new Watcher();

  private final int epoll;
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentHashMap<Long, Watch> watches = new ConcurrentHashMap<>();

  private Watcher() {
    epoll = Libc.epollCreate();
    if (epoll < 0) {
      throw new IllegalStateException(
          "children cannot be watched: epoll_create1: " + Libc.text(-epoll));
    }
    Thread.Builder.OfPlatform thread = Thread.ofPlatform().daemon().name("asyncio-children");
    Thread watching = thread.inheritInheritableThreadLocals(false).unstarted(this::watch);
    watching.setContextClassLoader(null);
    watching.start();
  }

  /** Watches a descriptor. The first event is an error, if there is one, until it is armed. */
  Watch add(int fd, int events, IntConsumer onEvents) throws IOException {
    var watch = new Watch(fd, numbers.incrementAndGet(), onEvents);
    watches.put(watch.number, watch);
    try {
      watch.control(ADD, events);
    } catch (IOException e) {
      watches.remove(watch.number);
      throw e;
    }
    return watch;
  }

  private int control(int operation, int fd, int events, long number) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(Libc.EVENT_SIZE, 8);
      return Libc.epollControl(Libc.state(arena), event, epoll, operation, fd, events, number);
    }
  }

  /** One descriptor. */
  final class Watch {
    private final int fd;
    private final long number;
    private final IntConsumer onEvents;

    private Watch(int fd, long number, IntConsumer onEvents) {
      this.fd = fd;
      this.number = number;
      this.onEvents = onEvents;
    }

    /** Asks for one more event of these kinds, or for one error. */
    void arm(int events) throws IOException {
      control(MODIFY, events);
    }

    /** To be called before the descriptor is closed. An event may still be on its way. */
    void remove() {
      watches.remove(number);
      int _ = Watcher.this.control(DELETE, fd, 0, 0);
    }

    private void control(int operation, int events) throws IOException {
      int failed = Watcher.this.control(operation, fd, events | ONCE, number);
      if (failed < 0) {
        throw new IOException("a child's descriptor cannot be watched: " + Libc.text(-failed));
      }
    }
  }

  private void watch() {
    MemorySegment state = Libc.state(Arena.global());
    MemorySegment events = Arena.global().allocate(BATCH * Libc.EVENT_SIZE, 8);
    while (true) {
      int count = Libc.epollWait(state, epoll, events, BATCH, -1);
      for (int i = 0; i < count; i++) {
        long at = i * Libc.EVENT_SIZE;
        int kinds = events.get(JAVA_INT.withByteAlignment(4), at);
        long number = events.get(JAVA_LONG.withByteAlignment(4), at + Libc.EVENT_DATA);
        Watch watch = watches.get(number);
        if (watch != null) {
          tell(watch, kinds);
        }
      }
    }
  }

  private static void tell(Watch watch, int kinds) {
    try {
      watch.onEvents.accept(kinds);
    } catch (RuntimeException e) { // the other children must not suffer from it
      System.getLogger("asyncio").log(System.Logger.Level.ERROR, "in " + Thread.currentThread(), e);
    }
  }
}

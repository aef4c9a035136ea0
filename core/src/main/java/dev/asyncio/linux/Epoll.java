package dev.asyncio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An epoll that one thread waits in, and that any thread can wake. Level-triggered.
 *
 * <p><b>Threads:</b> one, except for {@link #wakeUp} and {@link #close}.
 */
public final class Epoll {
  /** There is something to read, an end or a connection to accept among it. */
  public static final int READABLE = 0x1;

  /** Something can be written, or a connect has ended. */
  public static final int WRITABLE = 0x4;

  private static final int BROKEN = 0x8 | 0x10; // an error, or both directions have ended
  private static final int EDGE_TRIGGERED = 1 << 31;

  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int MODIFY = 3;

  private static final int EEXIST = 17;
  private static final int CAPACITY = 1024;

  private static final ValueLayout.OfInt KINDS = JAVA_INT.withByteAlignment(4);
  private static final ValueLayout.OfLong DATA = JAVA_LONG.withByteAlignment(4);

  private final int epoll;
  private final int bell; // an eventfd, added to as often as somebody wakes; nobody reads it
  private final MemorySegment state;
  private final MemorySegment event; // to tell the system of
  private final MemorySegment events; // that the system tells of
  private boolean closed; // guarded by this

  /** An epoll that watches nothing. */
  public Epoll() throws IOException {
    Arena arena = Arena.ofAuto();
    state = Libc.state(arena);
    event = arena.allocate(Libc.EVENT_SIZE, 8);
    events = arena.allocate(CAPACITY * Libc.EVENT_SIZE, 8);
    epoll = check("epoll_create1", Libc.epollCreate());
    bell = Libc.eventfd();
    try {
      int _ = check("eventfd", bell);
      control(ADD, bell, READABLE | EDGE_TRIGGERED);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static int check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + Libc.text(-result));
    }
    return result;
  }

  /** Begins to watch a descriptor, or changes what for. */
  public void watch(int descriptor, int kinds, boolean isNew) throws IOException {
    int result = isNew ? tryControl(ADD, descriptor, kinds) : -EEXIST;
    if (result == -EEXIST) {
      control(MODIFY, descriptor, kinds);
    } else {
      int _ = check("epoll_ctl", result);
    }
  }

  /** Ends that; nothing if it had ended with the descriptor. */
  public void forget(int descriptor) {
    int _ = tryControl(DELETE, descriptor, 0);
  }

  private void control(int operation, int descriptor, int kinds) throws IOException {
    int _ = check("epoll_ctl", tryControl(operation, descriptor, kinds));
  }

  private int tryControl(int operation, int descriptor, int kinds) {
    return Libc.epollControl(state, event, epoll, operation, descriptor, kinds, descriptor);
  }

  /**
   * Waits for events, {@link #wakeUp} or the end of the time.
   *
   * @param millis 0 not to wait, -1 for ever
   * @return how many events there are now; maybe none
   */
  public int await(int millis) throws IOException {
    return check("epoll_wait", Libc.epollWait(state, epoll, events, CAPACITY, millis));
  }

  /** Whose the event is; a descriptor that nobody knows may be among them. */
  public int descriptor(int index) {
    return (int) events.get(DATA, index * Libc.EVENT_SIZE + Libc.EVENT_DATA);
  }

  /** What the event says; what is broken can be read and written, which then tells the error. */
  public int kinds(int index) {
    int kinds = events.get(KINDS, index * Libc.EVENT_SIZE);
    return (kinds & BROKEN) != 0 ? READABLE | WRITABLE : kinds;
  }

  /** Ends a wait, the present one or the next. Any thread. */
  public synchronized void wakeUp() {
    if (!closed) { // else the number may be another's
      Libc.ring(bell);
    }
  }

  /** Gives the descriptors back. */
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (bell >= 0) {
        Libc.close(bell);
      }
      Libc.close(epoll);
    }
  }
}

package dev.asyncio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The C library of Linux on x86-64 and AArch64, glibc 2.34 or newer. Each call gives what the
 * system gives, or the negative error number. {@link Availability} says whether there is one.
 *
 * <p>A kind of call takes the JDK some ten milliseconds to make, so there is one for all that do
 * not have memory of the heap: in the calling conventions of both processors an integer and a
 * pointer come in a register of 64 bits each, and a function takes no notice of those that it has
 * no use for. Nothing touches this class before it is needed.
 *
 * <p><b>Threads:</b> any.
 */
@SuppressWarnings("restricted") // Availability asks first whether the module may
public final class Libc {
  public static final int EPERM = 1;
  public static final int EINTR = 4;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ESRCH = 3;
  public static final int ECONNRESET = 104;

  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  private static final int O_NONBLOCK = 0x800;
  public static final int O_CLOEXEC = 0x80000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETFL = 4;
  private static final int READ_WRITE_FOR_ALL = 0666; // less the umask

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private static final MemorySegment PIPE2 = symbol("pipe2");
  private static final MemorySegment OPEN = symbol("open");
  private static final MemorySegment FCNTL = symbol("fcntl");
  private static final MemorySegment CLOSE = symbol("close");
  private static final MemorySegment WRITE = symbol("write");
  private static final MemorySegment SYSCALL = symbol("syscall");
  private static final MemorySegment EPOLL_CREATE = symbol("epoll_create1");
  private static final MemorySegment EPOLL_CTL = symbol("epoll_ctl");
  private static final MemorySegment EPOLL_WAIT = symbol("epoll_wait");
  private static final MemorySegment EVENTFD = symbol("eventfd");
  private static final MemorySegment STRERROR = symbol("strerror");

  private Libc() {}

  /** A function of the C library, or a variable. */
  public static MemorySegment symbol(String name) {
    return SYMBOLS
        .find(name)
        .orElseThrow(() -> new UnsupportedOperationException("the C library has no " + name));
  }

  // --- the one call

  /** Calls a function as it is; its error, if it leaves one, is then {@code errno(state)}. */
  public static long raw(
      MemorySegment function, MemorySegment state, long a, long b, long c, long d, long x, long y) {
    try {
      return (long) CALL.invokeExact(function, state, a, b, c, d, x, y);
    } catch (Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new IllegalStateException("a system call could not be made", impossible);
    }
  }

  /** Calls what gives a long and leaves its error in errno; again after an interruption. */
  public static long longCall(MemorySegment function, long a, long b, long c, long d) {
    return call(function, false, a, b, c, d);
  }

  /** Calls what gives an int and leaves its error in errno; again after an interruption. */
  public static int intCall(MemorySegment function, long a, long b, long c, long d) {
    return (int) call(function, true, a, b, c, d);
  }

  private static long call(MemorySegment function, boolean isInt, long a, long b, long c, long d) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = state(arena);
      while (true) {
        long register = raw(function, state, a, b, c, d, 0, 0);
        long result = isInt ? (int) register : register; // the upper half may mean nothing
        if (result >= 0) {
          return result;
        }
        int errno = errno(state);
        if (errno != EINTR) {
          return -errno;
        }
      }
    }
  }

  /** The error that a {@link #raw} call has left. */
  public static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /** Calls what gives its error as its result. */
  public static int plain(Arena arena, MemorySegment function, long... arguments) {
    long[] all = Arrays.copyOf(arguments, 6);
    MemorySegment state = state(arena);
    return (int) raw(function, state, all[0], all[1], all[2], all[3], all[4], all[5]);
  }

  /** The system's words for an error number, given positive. */
  public static String words(int errno) {
    try (Arena arena = Arena.ofConfined()) {
      long words = raw(STRERROR, state(arena), errno, 0, 0, 0, 0, 0);
      return MemorySegment.ofAddress(words).reinterpret(Long.MAX_VALUE).getString(0);
    }
  }

  /** The same with the number. */
  public static String text(int errno) {
    return words(errno) + " (errno " + errno + ")";
  }

  // --- descriptors

  /** Makes a pipe: {@code ends[0]} to read, {@code ends[1]} to write; neither is inherited. */
  public static int pipe(int[] ends) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(JAVA_INT, 2);
      int result = intCall(PIPE2, pair.address(), O_CLOEXEC, 0, 0);
      if (result == 0) {
        ends[0] = aboveStreams(pair.getAtIndex(JAVA_INT, 0));
        ends[1] = aboveStreams(pair.getAtIndex(JAVA_INT, 1));
      }
      return result;
    }
  }

  /** In a process without standard streams a new descriptor may take their place. */
  private static int aboveStreams(int fd) {
    if (fd > 2) {
      return fd;
    }
    int moved = intCall(FCNTL, fd, F_DUPFD_CLOEXEC, 3, 0);
    close(fd);
    return moved;
  }

  /** Opens a file, for {@code O_} flags. The descriptor is not inherited. */
  public static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long name = NativeText.of(arena, path).address();
      int fd = intCall(OPEN, name, flags | O_CLOEXEC, READ_WRITE_FOR_ALL, 0);
      return fd < 0 ? fd : aboveStreams(fd);
    }
  }

  /** Has calls return at once where they would wait. */
  public static int setNonBlocking(int fd) {
    return intCall(FCNTL, fd, F_SETFL, O_NONBLOCK, 0);
  }

  /** Gives a descriptor back. */
  public static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = plain(arena, CLOSE, fd); // never again after an interruption: it is gone anyway
    }
  }

  /** Space in {@code arena} for the error number of a call. */
  public static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
  private static final long SYS_READ = X86 ? 0 : 63;
  private static final long SYS_WRITE = X86 ? 1 : 64;

  /**
   * Reads into a buffer of any kind, moving its position. Not through the C library's own {@code
   * read}, which prepares for the thread to be cancelled: that costs 1 % of an echo.
   *
   * @param state space for the error number, which one thread at a time may use
   * @return the number of bytes, 0 at the end, or the negative error number
   */
  public static int read(MemorySegment state, int fd, ByteBuffer into) {
    return transfer(SYS_READ, state, fd, into);
  }

  /** Writes from a buffer of any kind, moving its position; as {@link #read}. */
  public static int write(MemorySegment state, int fd, ByteBuffer from) {
    return transfer(SYS_WRITE, state, fd, from);
  }

  private static int transfer(long number, MemorySegment state, int fd, ByteBuffer buffer) {
    while (true) {
      int count =
          buffer.isDirect() ? direct(number, state, fd, buffer) : heap(number, state, fd, buffer);
      if (count >= 0) {
        buffer.position(buffer.position() + count);
        return count;
      }
      int errno = errno(state);
      if (errno != EINTR) {
        return -errno;
      }
    }
  }

  private static int direct(long number, MemorySegment state, int fd, ByteBuffer buffer) {
    try {
      long address = MemorySegment.ofBuffer(buffer).address(); // of its position
      return (int) raw(SYSCALL, state, number, fd, address, buffer.remaining(), 0, 0);
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  /** Without a copy: the collector waits until the system has taken or brought the bytes. */
  private static int heap(long number, MemorySegment state, int fd, ByteBuffer buffer) {
    MemorySegment bytes = MemorySegment.ofBuffer(buffer);
    try {
      return (int)
          (long) Heap.CALL.invokeExact(SYSCALL, state, number, (long) fd, bytes, bytes.byteSize());
    } catch (Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new IllegalStateException("a system call could not be made", impossible);
    }
  }

  /** A kind of call that is made when it is needed, as most programs do without. */
  private static final class Heap {
    static final MethodHandle CALL =
        LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
            Linker.Option.captureCallState("errno"),
            Linker.Option.critical(true));
  }

  // --- epoll; an event is 32 bits and 64 of our own, packed on x86-64 alone

  /** Size in bytes of an event. */
  public static final long EVENT_SIZE = X86 ? 12 : 16;

  /** Where in an event what is our own lies; its kinds lie at 0. */
  public static final long EVENT_DATA = X86 ? 4 : 8;

  /** A new epoll. It is not inherited. */
  public static int epollCreate() {
    return intCall(EPOLL_CREATE, O_CLOEXEC, 0, 0, 0);
  }

  /**
   * Adds a descriptor, changes what is heard of it, or removes it.
   *
   * @param event space for an event
   */
  public static int epollControl(
      MemorySegment state,
      MemorySegment event,
      int epoll,
      int operation,
      int fd,
      int kinds,
      long data) {
    event.set(JAVA_INT.withByteAlignment(4), 0, kinds);
    event.set(JAVA_LONG.withByteAlignment(4), EVENT_DATA, data);
    try {
      int result = (int) raw(EPOLL_CTL, state, epoll, operation, fd, event.address(), 0, 0);
      return result < 0 ? -errno(state) : result;
    } finally {
      Reference.reachabilityFence(event);
    }
  }

  /**
   * Waits for events.
   *
   * @param millis 0 not to wait, -1 for ever
   * @return how many there are, none after an interruption, or the negative error number
   */
  public static int epollWait(
      MemorySegment state, int epoll, MemorySegment events, int capacity, int millis) {
    try {
      int count = (int) raw(EPOLL_WAIT, state, epoll, events.address(), capacity, millis, 0, 0);
      if (count >= 0) {
        return count;
      }
      int errno = errno(state);
      return errno == EINTR ? 0 : -errno;
    } finally {
      Reference.reachabilityFence(events);
    }
  }

  /** A descriptor that is readable once {@link #ring} was called. It is not inherited. */
  public static int eventfd() {
    return intCall(EVENTFD, 0, O_CLOEXEC | O_NONBLOCK, 0, 0);
  }

  /** Makes an {@link #eventfd} readable, once more if it was. */
  public static void ring(int eventfd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
      long _ = longCall(WRITE, eventfd, one.address(), one.byteSize(), 0);
    }
  }
}

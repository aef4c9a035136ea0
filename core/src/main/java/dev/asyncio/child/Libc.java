package dev.asyncio.child;

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
import org.jspecify.annotations.Nullable;

/**
 * The system calls that children need, of Linux on x86-64 and AArch64 with glibc 2.34 or newer.
 * Each gives what the system gives, or the negative error number.
 *
 * <p>None of them blocks, {@link #epollWait} excepted. A kind of call takes the JDK some ten
 * milliseconds to make, so there is one for all of them: in the calling conventions of both
 * processors an integer and a pointer come in a register of 64 bits each, and a function takes no
 * notice of those that it has no use for. Nothing touches this class before the first child.
 */
@SuppressWarnings("restricted") // NativeLauncher asks first whether the module may
final class Libc {
  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int ECHILD = 10;
  static final int EAGAIN = 11;
  static final int ESRCH = 3;

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_TRUNC = 0x200;
  static final int O_APPEND = 0x400;
  private static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETFL = 4;
  private static final int READ_WRITE_FOR_ALL = 0666; // less the umask

  private static final long SYS_PIDFD_SEND_SIGNAL = 424; // the same on all architectures
  private static final long SYS_PIDFD_OPEN = 434;

  private static final int SIGPIPE = 13;
  private static final int SIGXFSZ = 25;
  private static final short SETSIGDEF_AND_SETSIGMASK = 0x4 | 0x8;

  /** More than posix_spawn_file_actions_t and posix_spawnattr_t need; 80 and 336 in fact. */
  private static final long OPAQUE_SIZE = 512;

  private static final long SIGSET_SIZE = 128;

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
  private static final MemorySegment READ = symbol("read");
  private static final MemorySegment WRITE = symbol("write");
  private static final MemorySegment WAITPID = symbol("waitpid");
  private static final MemorySegment SYSCALL = symbol("syscall");
  private static final MemorySegment EPOLL_CREATE = symbol("epoll_create1");
  private static final MemorySegment EPOLL_CTL = symbol("epoll_ctl");
  private static final MemorySegment EPOLL_WAIT = symbol("epoll_wait");
  private static final MemorySegment STRERROR = symbol("strerror");
  private static final MemorySegment SPAWN = symbol("posix_spawn");
  private static final MemorySegment ACTIONS_INIT = symbol("posix_spawn_file_actions_init");
  private static final MemorySegment ACTIONS_DESTROY = symbol("posix_spawn_file_actions_destroy");
  private static final MemorySegment ACTIONS_DUP2 = symbol("posix_spawn_file_actions_adddup2");
  private static final MemorySegment ACTIONS_CHDIR = symbol("posix_spawn_file_actions_addchdir_np");
  private static final MemorySegment ACTIONS_CLOSE_FROM =
      symbol("posix_spawn_file_actions_addclosefrom_np");
  private static final MemorySegment ATTR_INIT = symbol("posix_spawnattr_init");
  private static final MemorySegment ATTR_DESTROY = symbol("posix_spawnattr_destroy");
  private static final MemorySegment ATTR_FLAGS = symbol("posix_spawnattr_setflags");
  private static final MemorySegment ATTR_MASK = symbol("posix_spawnattr_setsigmask");
  private static final MemorySegment ATTR_DEFAULTS = symbol("posix_spawnattr_setsigdefault");
  private static final MemorySegment SIGADDSET = symbol("sigaddset");
  private static final MemorySegment ENVIRON = symbol("environ").reinterpret(ADDRESS.byteSize());

  private Libc() {}

  private static MemorySegment symbol(String name) {
    return SYMBOLS
        .find(name)
        .orElseThrow(() -> new UnsupportedOperationException("the C library has no " + name));
  }

  // --- the one call

  private static long raw(
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
  private static long longCall(MemorySegment function, long a, long b, long c, long d) {
    return call(function, false, a, b, c, d);
  }

  /** Calls what gives an int and leaves its error in errno; again after an interruption. */
  private static int intCall(MemorySegment function, long a, long b, long c, long d) {
    return (int) call(function, true, a, b, c, d);
  }

  private static long call(MemorySegment function, boolean isInt, long a, long b, long c, long d) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      while (true) {
        long register = raw(function, state, a, b, c, d, 0, 0);
        long result = isInt ? (int) register : register; // the upper half may mean nothing
        if (result >= 0) {
          return result;
        }
        int errno = (int) ERRNO.get(state, 0L);
        if (errno != EINTR) {
          return -errno;
        }
      }
    }
  }

  /** Calls what gives its error as its result. */
  private static int plain(Arena arena, MemorySegment function, long... arguments) {
    long[] all = Arrays.copyOf(arguments, 6);
    MemorySegment state = arena.allocate(STATE);
    return (int) raw(function, state, all[0], all[1], all[2], all[3], all[4], all[5]);
  }

  /** The system's words for an error number, given positive. */
  static String text(int errno) {
    try (Arena arena = Arena.ofConfined()) {
      long words = raw(STRERROR, arena.allocate(STATE), errno, 0, 0, 0, 0, 0);
      return MemorySegment.ofAddress(words).reinterpret(Long.MAX_VALUE).getString(0)
          + " (errno "
          + errno
          + ")";
    }
  }

  // --- descriptors

  /** Makes a pipe: {@code ends[0]} to read, {@code ends[1]} to write; neither is inherited. */
  static int pipe(int[] ends) {
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

  static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long name = NativeText.of(arena, path).address();
      int fd = intCall(OPEN, name, flags | O_CLOEXEC, READ_WRITE_FOR_ALL, 0);
      return fd < 0 ? fd : aboveStreams(fd);
    }
  }

  static int setNonBlocking(int fd) {
    return intCall(FCNTL, fd, F_SETFL, O_NONBLOCK, 0);
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = plain(arena, CLOSE, fd); // never again after an interruption: it is gone anyway
    }
  }

  /** Reads into a direct buffer, moving its position. */
  static int read(int fd, ByteBuffer into) {
    return transfer(READ, fd, into);
  }

  /** Writes from a direct buffer, moving its position. */
  static int write(int fd, ByteBuffer from) {
    return transfer(WRITE, fd, from);
  }

  private static int transfer(MemorySegment function, int fd, ByteBuffer buffer) {
    int count;
    try {
      long address = MemorySegment.ofBuffer(buffer).address(); // of its position
      count = (int) longCall(function, fd, address, buffer.remaining(), 0);
    } finally {
      Reference.reachabilityFence(buffer);
    }
    if (count > 0) {
      buffer.position(buffer.position() + count);
    }
    return count;
  }

  // --- epoll; an event is 32 bits and 64 of our own, packed on x86-64 alone

  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
  static final long EVENT_SIZE = PACKED ? 12 : 16;
  static final long EVENT_DATA = PACKED ? 4 : 8;

  static int epollCreate() {
    return intCall(EPOLL_CREATE, O_CLOEXEC, 0, 0, 0);
  }

  static int epollControl(int epoll, int operation, int fd, int events, long data) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EVENT_SIZE, 8);
      event.set(JAVA_INT, 0, events);
      event.set(JAVA_LONG.withByteAlignment(4), EVENT_DATA, data);
      return intCall(EPOLL_CTL, epoll, operation, fd, event.address());
    }
  }

  /** Waits for events without end. */
  static int epollWait(int epoll, MemorySegment events, int capacity) {
    return intCall(EPOLL_WAIT, epoll, events.address(), capacity, -1);
  }

  // --- processes

  /**
   * Starts a program that has none of our descriptors but its standard streams.
   *
   * @param streams our descriptors for 0, 1 and 2; -1 to leave one as it is
   * @param environment name=value; null for ours
   * @return the process id
   */
  static int spawn(
      String path,
      Iterable<String> words,
      @Nullable Iterable<String> environment,
      int[] streams,
      @Nullable String directory) {
    try (Arena arena = Arena.ofConfined()) {
      long actions = arena.allocate(OPAQUE_SIZE, 16).address();
      long attributes = arena.allocate(OPAQUE_SIZE, 16).address();
      int failed = plain(arena, ACTIONS_INIT, actions);
      failed |= plain(arena, ATTR_INIT, attributes);
      for (int fd = 0; fd < streams.length; fd++) {
        if (streams[fd] >= 0) {
          failed |= plain(arena, ACTIONS_DUP2, actions, streams[fd], fd);
        }
      }
      if (directory != null) {
        long folder = NativeText.of(arena, directory).address();
        failed |= plain(arena, ACTIONS_CHDIR, actions, folder);
      }
      failed |= plain(arena, ACTIONS_CLOSE_FROM, actions, 3);
      failed |= setSignals(arena, attributes);
      if (failed != 0) {
        throw new OutOfMemoryError("no memory to describe a child to the system");
      }
      MemorySegment pid = arena.allocate(JAVA_INT);
      MemorySegment envp =
          environment == null ? ENVIRON.get(ADDRESS, 0) : NativeText.array(arena, environment);
      failed =
          plain(
              arena,
              SPAWN,
              pid.address(),
              NativeText.of(arena, path).address(),
              actions,
              attributes,
              NativeText.array(arena, words).address(),
              envp.address());
      int _ = plain(arena, ACTIONS_DESTROY, actions);
      int _ = plain(arena, ATTR_DESTROY, attributes);
      return failed != 0 ? -failed : pid.get(JAVA_INT, 0);
    }
  }

  /** No signal blocked, as some are in threads of the JVM, and none ignored that Python resets. */
  private static int setSignals(Arena arena, long attributes) {
    long none = arena.allocate(SIGSET_SIZE, 8).address();
    long defaults = arena.allocate(SIGSET_SIZE, 8).address();
    return plain(arena, SIGADDSET, defaults, SIGPIPE)
        | plain(arena, SIGADDSET, defaults, SIGXFSZ)
        | plain(arena, ATTR_MASK, attributes, none)
        | plain(arena, ATTR_DEFAULTS, attributes, defaults)
        | plain(arena, ATTR_FLAGS, attributes, SETSIGDEF_AND_SETSIGMASK);
  }

  /** A descriptor that becomes readable when the process ends. It is not inherited. */
  static int pidfdOpen(int pid) {
    return (int) longCall(SYSCALL, SYS_PIDFD_OPEN, pid, 0, 0);
  }

  static int pidfdSendSignal(int pidfd, int signal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = raw(SYSCALL, state, SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : 0;
    }
  }

  /**
   * Takes the exit status of a child that has ended.
   *
   * @return the status word in the lower half, or a negative error number
   */
  static long reap(int pid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      int result = intCall(WAITPID, pid, status.address(), 0, 0);
      return result < 0 ? result : Integer.toUnsignedLong(status.get(JAVA_INT, 0));
    }
  }
}

package dev.asyncio.child;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The system calls that children need, of Linux on x86-64 and AArch64 with glibc 2.34 or newer.
 * Each gives what the system gives, or the negative error number.
 *
 * <p>None of them blocks, {@link #epollWait} excepted. Loading this class takes tens of
 * milliseconds, so nothing touches it before the first child.
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

  private static final MethodHandle PIPE2 = call("pipe2", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle OPEN = variadic("open", 2, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCNTL = variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle READ = call("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE = call("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WAITPID =
      call("waitpid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SYSCALL = syscall();
  private static final MethodHandle EPOLL_CREATE = call("epoll_create1", JAVA_INT, JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      call("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle EPOLL_WAIT =
      call("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(symbol("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private static final MethodHandle SPAWN =
      plain("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle ACTIONS_INIT = plain("posix_spawn_file_actions_init", ADDRESS);
  private static final MethodHandle ACTIONS_DESTROY =
      plain("posix_spawn_file_actions_destroy", ADDRESS);
  private static final MethodHandle ACTIONS_DUP2 =
      plain("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACTIONS_CHDIR =
      plain("posix_spawn_file_actions_addchdir_np", ADDRESS, ADDRESS);
  private static final MethodHandle ACTIONS_CLOSE_FROM =
      plain("posix_spawn_file_actions_addclosefrom_np", ADDRESS, JAVA_INT);
  private static final MethodHandle ATTR_INIT = plain("posix_spawnattr_init", ADDRESS);
  private static final MethodHandle ATTR_DESTROY = plain("posix_spawnattr_destroy", ADDRESS);
  private static final MethodHandle ATTR_FLAGS =
      plain("posix_spawnattr_setflags", ADDRESS, JAVA_SHORT);
  private static final MethodHandle ATTR_MASK =
      plain("posix_spawnattr_setsigmask", ADDRESS, ADDRESS);
  private static final MethodHandle ATTR_DEFAULTS =
      plain("posix_spawnattr_setsigdefault", ADDRESS, ADDRESS);
  private static final MethodHandle SIGADDSET = plain("sigaddset", ADDRESS, JAVA_INT);

  private static final MemorySegment ENVIRON =
      symbol("environ").reinterpret(ADDRESS.byteSize());

  private Libc() {}

  // --- looking up

  private static MemorySegment symbol(String name) {
    return SYMBOLS
        .find(name)
        .orElseThrow(() -> new UnsupportedOperationException("the C library has no " + name));
  }

  private static MethodHandle plain(String name, MemoryLayout... parameters) {
    return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        symbol(name),
        FunctionDescriptor.of(result, parameters),
        Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle variadic(String name, int fixed, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        symbol(name),
        FunctionDescriptor.of(JAVA_INT, parameters),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }

  private static MethodHandle syscall() {
    return LINKER.downcallHandle(
        symbol("syscall"),
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(1));
  }

  /** A call that leaves its error in errno. */
  @FunctionalInterface
  private interface Call {
    long into(Arena arena, MemorySegment state) throws Throwable;
  }

  private static long run(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result;
      do {
        result = call.into(arena, state);
      } while (result < 0 && (int) ERRNO.get(state, 0L) == EINTR);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static RuntimeException impossible(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a system call could not be made", e);
  }

  /** The system's words for an error number, given positive. */
  static String text(int errno) {
    try {
      MemorySegment words = (MemorySegment) STRERROR.invokeExact(errno);
      return words.reinterpret(Long.MAX_VALUE).getString(0) + " (errno " + errno + ")";
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  // --- descriptors

  /** Makes a pipe: {@code ends[0]} to read, {@code ends[1]} to write; neither is inherited. */
  static int pipe(int[] ends) {
    return (int)
        run(
            (arena, state) -> {
              MemorySegment pair = arena.allocate(JAVA_INT, 2);
              int result = (int) PIPE2.invokeExact(state, pair, O_CLOEXEC);
              if (result == 0) {
                ends[0] = aboveStreams(pair.getAtIndex(JAVA_INT, 0));
                ends[1] = aboveStreams(pair.getAtIndex(JAVA_INT, 1));
              }
              return result;
            });
  }

  /** In a process without standard streams a new descriptor may take their place. */
  private static int aboveStreams(int fd) {
    if (fd > 2) {
      return fd;
    }
    int moved =
        (int) run((_, state) -> (int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 3));
    close(fd);
    return moved;
  }

  static int open(String path, int flags) {
    int fd =
        (int)
            run(
                (arena, state) ->
                    (int)
                        OPEN.invokeExact(
                            state,
                            NativeText.of(arena, path),
                            flags | O_CLOEXEC,
                            READ_WRITE_FOR_ALL));
    return fd < 0 ? fd : aboveStreams(fd);
  }

  static int setNonBlocking(int fd) {
    return (int) run((_, state) -> (int) FCNTL.invokeExact(state, fd, F_SETFL, O_NONBLOCK));
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) CLOSE.invokeExact(arena.allocate(STATE), fd); // never again: it is gone anyway
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Reads into a direct buffer, moving its position. */
  static int read(int fd, ByteBuffer into) {
    MemorySegment target = MemorySegment.ofBuffer(into);
    int count =
        (int)
            run((_, state) -> (long) READ.invokeExact(state, fd, target, (long) into.remaining()));
    if (count > 0) {
      into.position(into.position() + count);
    }
    return count;
  }

  /** Writes from a direct buffer, moving its position. */
  static int write(int fd, ByteBuffer from) {
    MemorySegment source = MemorySegment.ofBuffer(from);
    int count =
        (int)
            run((_, state) -> (long) WRITE.invokeExact(state, fd, source, (long) from.remaining()));
    if (count > 0) {
      from.position(from.position() + count);
    }
    return count;
  }

  // --- epoll; an event is 32 bits and 64 of our own, packed on x86-64 alone

  static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
  static final long EVENT_SIZE = PACKED ? 12 : 16;
  static final long EVENT_DATA = PACKED ? 4 : 8;

  static int epollCreate() {
    return (int) run((_, state) -> (int) EPOLL_CREATE.invokeExact(state, O_CLOEXEC));
  }

  static int epollControl(int epoll, int operation, int fd, int events, long data) {
    return (int)
        run(
            (arena, state) -> {
              MemorySegment event = arena.allocate(EVENT_SIZE, 8);
              event.set(JAVA_INT, 0, events);
              event.set(JAVA_LONG.withByteAlignment(4), EVENT_DATA, data);
              return (int) EPOLL_CTL.invokeExact(state, epoll, operation, fd, event);
            });
  }

  /** Waits for events without end. */
  static int epollWait(int epoll, MemorySegment events, int capacity) {
    return (int)
        run((_, state) -> (int) EPOLL_WAIT.invokeExact(state, epoll, events, capacity, -1));
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
      @org.jspecify.annotations.Nullable Iterable<String> environment,
      int[] streams,
      @org.jspecify.annotations.Nullable String directory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment actions = arena.allocate(OPAQUE_SIZE, 16);
      MemorySegment attributes = arena.allocate(OPAQUE_SIZE, 16);
      int failed = (int) ACTIONS_INIT.invokeExact(actions);
      failed |= (int) ATTR_INIT.invokeExact(attributes);
      try {
        for (int fd = 0; fd < streams.length && failed == 0; fd++) {
          if (streams[fd] >= 0) {
            failed = (int) ACTIONS_DUP2.invokeExact(actions, streams[fd], fd);
          }
        }
        if (directory != null && failed == 0) {
          failed =
              (int) ACTIONS_CHDIR.invokeExact(actions, NativeText.of(arena, directory));
        }
        if (failed == 0) {
          failed = (int) ACTIONS_CLOSE_FROM.invokeExact(actions, 3);
        }
        if (failed == 0) {
          failed = setSignals(arena, attributes);
        }
        if (failed != 0) {
          return -failed;
        }
        MemorySegment pid = arena.allocate(JAVA_INT);
        MemorySegment argv = NativeText.array(arena, words);
        MemorySegment envp =
            environment == null ? ENVIRON.get(ADDRESS, 0) : NativeText.array(arena, environment);
        failed =
            (int)
                SPAWN.invokeExact(
                    pid, NativeText.of(arena, path), actions, attributes, argv, envp);
        return failed != 0 ? -failed : pid.get(JAVA_INT, 0);
      } finally {
        int _ = (int) ACTIONS_DESTROY.invokeExact(actions);
        int _ = (int) ATTR_DESTROY.invokeExact(attributes);
      }
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** No signal blocked, as some are in threads of the JVM, and none ignored that Python resets. */
  private static int setSignals(Arena arena, MemorySegment attributes) throws Throwable {
    MemorySegment none = arena.allocate(SIGSET_SIZE, 8);
    MemorySegment defaults = arena.allocate(SIGSET_SIZE, 8);
    int failed = (int) SIGADDSET.invokeExact(defaults, SIGPIPE);
    failed |= (int) SIGADDSET.invokeExact(defaults, SIGXFSZ);
    failed |= (int) ATTR_MASK.invokeExact(attributes, none);
    failed |= (int) ATTR_DEFAULTS.invokeExact(attributes, defaults);
    failed |= (int) ATTR_FLAGS.invokeExact(attributes, SETSIGDEF_AND_SETSIGMASK);
    return failed;
  }

  /** A descriptor that becomes readable when the process ends. It is not inherited. */
  static int pidfdOpen(int pid) {
    return (int)
        run((_, state) -> (long) SYSCALL.invokeExact(state, SYS_PIDFD_OPEN, (long) pid, 0L, 0L, 0L));
  }

  static int pidfdSendSignal(int pidfd, int signal) {
    return (int)
        run(
            (_, state) ->
                (long)
                    SYSCALL.invokeExact(
                        state, SYS_PIDFD_SEND_SIGNAL, (long) pidfd, (long) signal, 0L, 0L));
  }

  /**
   * Takes the exit status of a child that has ended.
   *
   * @return the status word in the lower half, or a negative error number
   */
  static long reap(int pid) {
    return run(
        (arena, state) -> {
          MemorySegment status = arena.allocate(JAVA_INT);
          int result = (int) WAITPID.invokeExact(state, pid, status, 0);
          return result < 0 ? result : Integer.toUnsignedLong(status.get(JAVA_INT, 0));
        });
  }
}

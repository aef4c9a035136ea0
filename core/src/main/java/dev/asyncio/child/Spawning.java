package dev.asyncio.child;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.asyncio.linux.Libc;
import dev.asyncio.linux.NativeText;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The system calls that children alone need: to start them, to signal them, to take their status.
 * Nothing touches this class before the first child.
 */
@SuppressWarnings("restricted") // NativeLauncher asks first whether the module may
final class Spawning {
  private static final long SYS_PIDFD_SEND_SIGNAL = 424; // the same on all architectures
  private static final long SYS_PIDFD_OPEN = 434;

  private static final int SIGPIPE = 13;
  private static final int SIGXFSZ = 25;
  private static final short SETSIGDEF_AND_SETSIGMASK = 0x4 | 0x8;

  /** More than posix_spawn_file_actions_t and posix_spawnattr_t need; 80 and 336 in fact. */
  private static final long OPAQUE_SIZE = 512;

  private static final long SIGSET_SIZE = 128;

  private static final MemorySegment WAITPID = Libc.symbol("waitpid");
  private static final MemorySegment SYSCALL = Libc.symbol("syscall");
  private static final MemorySegment SPAWN = Libc.symbol("posix_spawn");
  private static final MemorySegment ACTIONS_INIT = Libc.symbol("posix_spawn_file_actions_init");
  private static final MemorySegment ACTIONS_DESTROY =
      Libc.symbol("posix_spawn_file_actions_destroy");
  private static final MemorySegment ACTIONS_DUP2 = Libc.symbol("posix_spawn_file_actions_adddup2");
  private static final MemorySegment ACTIONS_CHDIR =
      Libc.symbol("posix_spawn_file_actions_addchdir_np");
  private static final MemorySegment ACTIONS_CLOSE_FROM =
      Libc.symbol("posix_spawn_file_actions_addclosefrom_np");
  private static final MemorySegment ATTR_INIT = Libc.symbol("posix_spawnattr_init");
  private static final MemorySegment ATTR_DESTROY = Libc.symbol("posix_spawnattr_destroy");
  private static final MemorySegment ATTR_FLAGS = Libc.symbol("posix_spawnattr_setflags");
  private static final MemorySegment ATTR_MASK = Libc.symbol("posix_spawnattr_setsigmask");
  private static final MemorySegment ATTR_DEFAULTS = Libc.symbol("posix_spawnattr_setsigdefault");
  private static final MemorySegment SIGADDSET = Libc.symbol("sigaddset");
  private static final MemorySegment ENVIRON =
      Libc.symbol("environ").reinterpret(ADDRESS.byteSize());

  private Spawning() {}

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
      int failed = Libc.plain(arena, ACTIONS_INIT, actions);
      failed |= Libc.plain(arena, ATTR_INIT, attributes);
      for (int fd = 0; fd < streams.length; fd++) {
        if (streams[fd] >= 0) {
          failed |= Libc.plain(arena, ACTIONS_DUP2, actions, streams[fd], fd);
        }
      }
      if (directory != null) {
        long folder = NativeText.of(arena, directory).address();
        failed |= Libc.plain(arena, ACTIONS_CHDIR, actions, folder);
      }
      failed |= Libc.plain(arena, ACTIONS_CLOSE_FROM, actions, 3);
      failed |= setSignals(arena, attributes);
      if (failed != 0) {
        throw new OutOfMemoryError("no memory to describe a child to the system");
      }
      MemorySegment pid = arena.allocate(JAVA_INT);
      MemorySegment envp =
          environment == null ? ENVIRON.get(ADDRESS, 0) : NativeText.array(arena, environment);
      failed =
          Libc.plain(
              arena,
              SPAWN,
              pid.address(),
              NativeText.of(arena, path).address(),
              actions,
              attributes,
              NativeText.array(arena, words).address(),
              envp.address());
      int _ = Libc.plain(arena, ACTIONS_DESTROY, actions);
      int _ = Libc.plain(arena, ATTR_DESTROY, attributes);
      return failed != 0 ? -failed : pid.get(JAVA_INT, 0);
    }
  }

  /** No signal blocked, as some are in threads of the JVM, and none ignored that Python resets. */
  private static int setSignals(Arena arena, long attributes) {
    long none = arena.allocate(SIGSET_SIZE, 8).address();
    long defaults = arena.allocate(SIGSET_SIZE, 8).address();
    return Libc.plain(arena, SIGADDSET, defaults, SIGPIPE)
        | Libc.plain(arena, SIGADDSET, defaults, SIGXFSZ)
        | Libc.plain(arena, ATTR_MASK, attributes, none)
        | Libc.plain(arena, ATTR_DEFAULTS, attributes, defaults)
        | Libc.plain(arena, ATTR_FLAGS, attributes, SETSIGDEF_AND_SETSIGMASK);
  }

  /** A descriptor that becomes readable when the process ends. It is not inherited. */
  static int pidfdOpen(int pid) {
    return (int) Libc.longCall(SYSCALL, SYS_PIDFD_OPEN, pid, 0, 0);
  }

  static int pidfdSendSignal(int pidfd, int signal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      long result = Libc.raw(SYSCALL, state, SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0);
      return result < 0 ? -Libc.errno(state) : 0;
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
      int result = Libc.intCall(WAITPID, pid, status.address(), 0, 0);
      return result < 0 ? result : Integer.toUnsignedLong(status.get(JAVA_INT, 0));
    }
  }
}

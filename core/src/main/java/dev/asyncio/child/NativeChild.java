package dev.asyncio.child;

import dev.asyncio.linux.Libc;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A child by its process descriptor, which no other process can come to stand behind. */
final class NativeChild implements Child {
  private static final System.Logger LOG = System.getLogger("asyncio");
  private static final int STATUS_UNKNOWN = 255;
  private static final int SIGKILL = 9;

  private final int pid;
  private final int pidfd;
  private final LoopDoor door;
  private final @Nullable PipeEnd[] pipes = new PipeEnd[3];
  private volatile Watcher.@Nullable Watch watch;

  /** Whether the status was taken, on whichever thread; the descriptor is closed then. */
  private volatile boolean reaped;

  private NativeChild(int pid, int pidfd, int[] descriptors, LoopDoor door) {
    this.pid = pid;
    this.pidfd = pidfd;
    this.door = door;
    for (int fd = 0; fd <= 2; fd++) {
      pipes[fd] = descriptors[fd] < 0 ? null : new NativePipe(descriptors[fd], fd == 0, door);
    }
  }

  /** A process that runs and was not waited for, so that its id is its own. */
  static NativeChild of(int pid, int[] descriptors, LoopDoor door) throws IOException {
    int pidfd = Spawning.pidfdOpen(pid);
    if (pidfd < 0) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      long _ = Spawning.reap(pid); // at once: it was killed
      throw new IOException("process " + pid + " cannot be watched: " + Libc.text(-pidfd));
    }
    return new NativeChild(pid, pidfd, descriptors, door);
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public @Nullable PipeEnd pipe(int fd) {
    return pipes[fd];
  }

  @Override
  public void watch(IntConsumer onLoop) throws IOException {
    try {
      watch =
          Watcher.SHARED.add(
              pidfd,
              Watcher.READABLE,
              _ -> {
                if (!door.post(() -> onLoop.accept(reap()))) {
                  int _ = reap();
                }
              });
    } catch (IOException e) {
      int _ = Spawning.pidfdSendSignal(pidfd, SIGKILL);
      int _ = reap(); // at once: it was killed
      throw e;
    }
  }

  /** Takes the exit status; the process id may belong to another process from now on. */
  private int reap() {
    Watcher.Watch watching = watch;
    if (watching != null) {
      watching.remove();
    }
    reaped = true;
    Libc.close(pidfd);
    long status = Spawning.reap(pid);
    if (status == -Libc.ECHILD) {
      LOG.log(
          System.Logger.Level.WARNING,
          "child process pid {0} exit status already read: will report returncode 255",
          String.valueOf(pid));
      return STATUS_UNKNOWN;
    }
    int signal = (int) status & 0x7f;
    return signal == 0 ? (int) status >> 8 & 0xff : -signal;
  }

  @Override
  public void signal(int number) throws IOException {
    if (reaped) {
      return;
    }
    int failed = Spawning.pidfdSendSignal(pidfd, number);
    if (failed == -Libc.EPERM) {
      throw new AccessDeniedException(
          "process " + pid, null, "may not be sent signal " + number + "; it changed its user");
    }
    if (failed < 0 && failed != -Libc.ESRCH) {
      throw new IOException(
          "signal " + number + " cannot be sent to process " + pid + ": " + Libc.text(-failed));
    }
  }
}

package dev.asyncio.child;

import java.io.IOException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A child as the JDK sees it. */
final class JdkChild implements Child {
  static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  /** What the JDK adds to the number of the signal that ended a child. */
  private static final int SIGNALLED = 128;

  private static final int LAST_SIGNAL = 31;

  private final Process process;
  private final LoopDoor door;
  private final @Nullable PipeEnd[] pipes = new PipeEnd[3];

  JdkChild(Process process, Command command, LoopDoor door) {
    this.process = process;
    this.door = door;
    if (command.isPipe(0)) {
      pipes[0] = new JdkOutput(process, door);
    }
    if (command.isPipe(1)) {
      pipes[1] = new JdkInput(process.getInputStream(), door);
    }
    if (command.isPipe(2)) {
      pipes[2] = new JdkInput(process.getErrorStream(), door);
    }
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public @Nullable PipeEnd pipe(int fd) {
    return pipes[fd];
  }

  @Override
  public void watch(IntConsumer onLoop) {
    process
        .onExit()
        .thenAccept(ended -> {
          int status = status(ended.exitValue());
          boolean _ = door.post(() -> onLoop.accept(status)); // laid to rest by the JDK already
        });
  }

  /** A death by a signal and an exit with 128 + N look the same; the former is more likely. */
  private static int status(int value) {
    boolean signalled = !WINDOWS && value > SIGNALLED && value <= SIGNALLED + LAST_SIGNAL;
    return signalled ? SIGNALLED - value : value;
  }

  @Override
  public void signal(int number) throws IOException {
    if (!process.isAlive()) {
      return;
    }
    ProcessHandle handle = process.toHandle(); // the process itself would close the pipes as well
    switch (number) {
      case SIGKILL -> handle.destroyForcibly();
      case SIGTERM -> handle.destroy();
      default -> sendByProgram(number);
    }
  }

  private void sendByProgram(int number) throws IOException {
    if (WINDOWS) {
      throw new UnsupportedOperationException(
          "Unsupported signal: " + number + "; Windows has terminate() and kill() only");
    }
    if (number != 0) {
      Process _ =
          new ProcessBuilder("kill", "-" + number, String.valueOf(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    }
  }
}

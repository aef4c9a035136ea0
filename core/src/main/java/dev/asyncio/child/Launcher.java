package dev.asyncio.child;

import java.io.IOException;

/**
 * A way to start children. There are two: {@link NativeLauncher} on the system calls of Linux, and
 * {@link JdkLauncher} on {@link ProcessBuilder} for everywhere else.
 */
interface Launcher {
  /**
   * Starts a child. It is not watched yet.
   *
   * @param door the way back to the loop for what is noticed elsewhere
   * @throws IOException made by {@link StartFailure}
   */
  Child start(Command command, LoopDoor door) throws IOException;
}

package dev.asyncio.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** Takes the exit status of a child behind the library's back. */
final class Waitpid {
  private Waitpid() {}

  static long waitpid(int pid) {
    Linker linker = Linker.nativeLinker();
    var call =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("waitpid"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      int waited = (int) call.invokeExact(pid, status, 0);
      return waited == pid ? status.get(JAVA_INT, 0) : -1;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}

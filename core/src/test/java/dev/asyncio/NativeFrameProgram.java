package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.VirtualTime.ticks;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** A coroutine that is called back by the C library and awaits there, for {@link PinnedTest}. */
final class NativeFrameProgram {
  private static final MemoryLayout NUMBER_THERE =
      ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(1, ValueLayout.JAVA_INT));

  private NativeFrameProgram() {}

  public static void main(String[] arguments) {
    Asyncio.run(
        async(() -> {
          VirtualTime.start(() -> System.out.println("another task"));
          sortTwoNumbers();
          ticks(1);
          System.out.println("went on");
        }));
  }

  /** The comparison; it must not throw through native code. */
  static int compareAndAwait(MemorySegment a, MemorySegment b) {
    try {
      ticks(1);
    } catch (IllegalStateException e) {
      for (StackTraceElement frame : e.getStackTrace()) {
        if (frame.getMethodName().equals("compareAndAwait")) {
          System.out.println("refused at compareAndAwait");
        }
      }
    }
    return Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0));
  }

  @SuppressWarnings("restricted")
  private static void sortTwoNumbers() {
    Linker linker = Linker.nativeLinker();
    MemoryLayout size = linker.canonicalLayouts().get("size_t");
    MethodHandle qsort =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("qsort"),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, size, size, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle compare =
          MethodHandles.lookup()
              .findStatic(
                  NativeFrameProgram.class,
                  "compareAndAwait",
                  MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
      MemorySegment comparator =
          linker.upcallStub(
              compare,
              FunctionDescriptor.of(ValueLayout.JAVA_INT, NUMBER_THERE, NUMBER_THERE),
              arena);
      MemorySegment numbers = arena.allocateFrom(ValueLayout.JAVA_INT, 2, 1);
      qsort.invoke(numbers, 2L, 4L, comparator);
      if (numbers.get(ValueLayout.JAVA_INT, 0) == 1) {
        System.out.println("sorted");
      }
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}

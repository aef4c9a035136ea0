package dev.asyncio.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * How every JVM program behind {@code bench/compare} measures a primitive, ours and the peers'.
 *
 * <p>A workload is repeated for so long on the CPU: once to warm up, then three times, of which the
 * median counts. CPU time is that of the whole process, so the threads that compile and collect are
 * in it. Linux only.
 */
public final class Sampling {
  /** Exit status of a program that is asked for a primitive it does not have. */
  public static final int NO_SUCH_PRIMITIVE = 3;

  private static final int SAMPLES = 3;

  private static final int PARKED_TASKS = 1_000_000;
  private static final int FEW_TASKS = 500;
  private static final int FEW_ROUNDS = 2_000;
  private static final int MANY_TASKS = 20_000;
  private static final int MANY_ROUNDS = 15;

  private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
  private static final MemorySegment TIME = Arena.global().allocate(16, 8);

  @SuppressWarnings("restricted") // the programs are started with --enable-native-access
  private static final MethodHandle CLOCK_GETTIME =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  private Sampling() {}

  /** Tasks that wait, and are woken together. */
  public interface Parking {
    /** Makes that many tasks and lets each run up to where it waits. */
    void park(int tasks) throws Exception;

    /** Wakes all of them and waits until they have ended. */
    void wake() throws Exception;
  }

  /**
   * Nanoseconds an operation, as a line of JSON.
   *
   * @param workload makes some operations and returns how many
   * @param warm seconds of CPU before the first sample
   * @param seconds of CPU for each sample
   */
  public static String time(Callable<Integer> workload, double warm, double seconds)
      throws Exception {
    repeat(workload, (long) (warm * 1e9));
    double[] wall = new double[SAMPLES];
    double[] cpu = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      System.gc();
      Cost cost = repeat(workload, (long) (seconds * 1e9));
      wall[i] = cost.wall();
      cpu[i] = cost.cpu();
    }
    Arrays.sort(wall);
    Arrays.sort(cpu);
    return String.format(
        Locale.ROOT, "{\"ns\": %.2f, \"cpu_ns\": %.2f}", wall[SAMPLES / 2], cpu[SAMPLES / 2]);
  }

  /**
   * What a parked task takes, as a line of JSON: live bytes of heap after a full collection, growth
   * of the resident set, nanoseconds to create, park and wake it.
   *
   * <p>Before that tasks are parked and woken, a few at a time and many times, then many at a time:
   * so the JIT has seen what they do after their await as well before it compiles what is on their
   * stacks, as in a program that has run for a while. Interpreted frames are several times larger.
   */
  public static String parked(Parking parking) throws Exception {
    warmUp(parking, FEW_TASKS, FEW_ROUNDS);
    warmUp(parking, MANY_TASKS, MANY_ROUNDS);
    long heap = liveHeap();
    long resident = resident();
    Cost park = once(() -> parking.park(PARKED_TASKS));
    resident = resident() - resident;
    heap = liveHeap() - heap;
    Cost wake = once(parking::wake);
    return String.format(
        Locale.ROOT,
        "{\"ns\": %.2f, \"cpu_ns\": %.2f, \"park_cpu_ns\": %.2f, \"heap_bytes\": %.1f,"
            + " \"rss_bytes\": %.1f}",
        (park.wall() + wake.wall()) / PARKED_TASKS,
        (park.cpu() + wake.cpu()) / PARKED_TASKS,
        park.cpu() / PARKED_TASKS,
        (double) heap / PARKED_TASKS,
        (double) resident / PARKED_TASKS);
  }

  private static void warmUp(Parking parking, int tasks, int rounds) throws Exception {
    for (int i = 0; i < rounds; i++) {
      parking.park(tasks);
      parking.wake();
    }
  }

  private record Cost(double wall, double cpu) {}

  private interface Step {
    void run() throws Exception;
  }

  private static Cost once(Step step) throws Exception {
    long cpu = cpuNanos();
    long start = System.nanoTime();
    step.run();
    return new Cost(System.nanoTime() - start, cpuNanos() - cpu);
  }

  private static Cost repeat(Callable<Integer> workload, long nanos) throws Exception {
    long operations = 0;
    long start = System.nanoTime();
    long cpuAtStart = cpuNanos();
    long cpu;
    do {
      operations += workload.call();
      cpu = cpuNanos() - cpuAtStart;
    } while (cpu < nanos);
    long wall = System.nanoTime() - start;
    return new Cost((double) wall / operations, (double) cpu / operations);
  }

  /** Live bytes of heap after a full collection. */
  static long liveHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc(); // what the first one only found to be finalizable or softly held
    return memory.getHeapMemoryUsage().getUsed();
  }

  private static long resident() throws IOException {
    String status = Files.readString(Path.of("/proc/self/status"));
    int line = status.indexOf("VmRSS:") + "VmRSS:".length();
    return Long.parseLong(status.substring(line, status.indexOf("kB", line)).strip()) * 1024;
  }

  /** CPU time of the whole process; the JDK's own figure has steps of 10 ms. */
  private static synchronized long cpuNanos() {
    try {
      int failed = (int) CLOCK_GETTIME.invokeExact(CLOCK_PROCESS_CPUTIME_ID, TIME);
      if (failed != 0) {
        throw new IllegalStateException("clock_gettime failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    long seconds = TIME.get(ValueLayout.JAVA_LONG, 0);
    return seconds * 1_000_000_000L + TIME.get(ValueLayout.JAVA_LONG, 8);
  }
}

package dev.asyncio.bench;

import static java.util.Map.entry;

import com.sun.management.OperatingSystemMXBean;
import dev.asyncio.Coroutine;
import dev.asyncio.Runner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * The workloads of the JMH classes, measured on request beside another program.
 *
 * <p>Reads names from standard input, one a line, and answers each with a line of JSON: nanoseconds
 * an operation by the wall clock and by the CPU clock of the whole process (the threads that
 * compile and collect are in it), or bytes for {@code parked}. The engine is the one that the
 * system property {@code asyncio.engine} selects. {@code bench/primitives} drives this program.
 */
public final class Primitives {
  private static final long WARM_NANOS = 2_000_000_000L;
  private static final long SAMPLE_NANOS = 500_000_000L;
  private static final int SAMPLES = 3;

  /** Each workload returns how many operations it made. */
  private static final Map<String, Callable<Integer>> WORKLOADS =
      Map.ofEntries(
          entry("switch", Switch::yields),
          entry("spawn_join", SpawnJoin::trivialTasks),
          entry("completed_await", CompletedAwait::awaits),
          entry("call_soon", CallSoon::chains),
          entry("timers", Timers::timers),
          entry("sleeps", Timers::sleeps),
          entry("timer_cancel", Timers::cancelled),
          entry("post", CrossThreadPost::posts),
          entry("lock", Locks::locks),
          entry("semaphore", Locks::permits),
          entry("lock_100", Locks::contended),
          entry("queue_1", Queues::throughOne),
          entry("queue_100", Queues::throughHundred));

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Primitives() {}

  /** Answers requests until standard input ends. */
  public static void main(String[] args) throws IOException {
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String name;
    while ((name = requests.readLine()) != null) {
      System.out.println(answer(name));
      System.out.flush();
    }
  }

  private static String answer(String name) {
    if (name.equals("parked")) {
      return String.format(
          Locale.ROOT, "{\"name\": \"%s\", \"bytes\": %.1f}", name, inLoop(Parked::bytesPerTask));
    }
    Callable<Integer> workload = WORKLOADS.get(name);
    if (workload == null) {
      return "{\"error\": \"no such primitive; there are parked and " + WORKLOADS.keySet() + "\"}";
    }
    Cost cost = measure(workload);
    return String.format(
        Locale.ROOT,
        "{\"name\": \"%s\", \"ns\": %.2f, \"cpu_ns\": %.2f}",
        name,
        cost.wall(),
        cost.cpu());
  }

  private record Cost(double wall, double cpu) {}

  /** The median of a few samples after a warm-up, by wall and by CPU time each. */
  private static Cost measure(Callable<Integer> workload) {
    inLoop(() -> repeat(workload, WARM_NANOS));
    double[] wall = new double[SAMPLES];
    double[] cpu = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      System.gc();
      Cost cost = inLoop(() -> repeat(workload, SAMPLE_NANOS));
      wall[i] = cost.wall();
      cpu[i] = cost.cpu();
    }
    Arrays.sort(wall);
    Arrays.sort(cpu);
    return new Cost(wall[SAMPLES / 2], cpu[SAMPLES / 2]);
  }

  /** Repeats it for that long on the CPU, of whose clock a tick can be 10 ms. */
  private static Cost repeat(Callable<Integer> workload, long cpuNanos) throws Exception {
    long operations = 0;
    long start = System.nanoTime();
    long cpuAtStart = SYSTEM.getProcessCpuTime();
    long cpu;
    do {
      operations += workload.call();
      cpu = SYSTEM.getProcessCpuTime() - cpuAtStart;
    } while (cpu < cpuNanos);
    long wall = System.nanoTime() - start;
    return new Cost((double) wall / operations, (double) cpu / operations);
  }

  private static <T> T inLoop(Callable<T> body) {
    try (Runner runner = new Runner()) {
      return runner.run(Coroutine.of(body));
    }
  }
}

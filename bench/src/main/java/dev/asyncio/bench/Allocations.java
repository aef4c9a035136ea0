package dev.asyncio.bench;

import dev.asyncio.Coroutine;
import dev.asyncio.Runner;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a primitive allocates, class by class: the heap's histograms before and after a run, with
 * what is garbage already.
 *
 * <p>Arguments: the primitive, seconds to warm up. Needs a young generation that holds the run,
 * {@code -Xmn3g}; a run in which the collector was at work is repeated.
 */
public final class Allocations {
  /** Rank, objects, bytes, class; a hidden class without its number. */
  private static final Pattern ROW =
      Pattern.compile("^ *\\d+: +(\\d+) +(\\d+) +([^\\s/]+)", Pattern.MULTILINE);

  private static final int PARKED = 10_000;
  private static final int OPERATIONS = 1_000_000;
  private static final double SHOWN = 0.05;

  private Allocations() {}

  /** Prints the bytes and the objects of an operation, most first. */
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("usage: Allocations NAME WARM_SECONDS");
      System.exit(2);
    }
    Callable<Integer> workload =
        args[0].equals("parked") ? Allocations::parked : Primitives.WORKLOADS.get(args[0]);
    if (workload == null) {
      System.exit(Sampling.NO_SUCH_PRIMITIVE);
      return;
    }
    long warm = (long) (Double.parseDouble(args[1]) * 1e9);
    try (Runner runner = new Runner()) {
      System.out.print(runner.run(Coroutine.of(() -> measure(workload, warm))));
    }
  }

  private static int parked() {
    var tasks = new Parked.Tasks();
    tasks.park(PARKED);
    tasks.wake();
    return PARKED;
  }

  private static String measure(Callable<Integer> workload, long warm) throws Exception {
    for (long end = System.nanoTime() + warm; System.nanoTime() < end; ) {
      workload.call();
    }
    for (; ; ) {
      System.gc();
      String before = histogram();
      long collections = collections();
      long operations = 0;
      while (operations < OPERATIONS) {
        operations += workload.call();
      }
      String after = histogram();
      if (collections() == collections) {
        return table(parsed(before), parsed(after), operations);
      }
    }
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(it -> it.getCollectionCount())
        .sum();
  }

  private static String histogram() throws JMException {
    return ManagementFactory.getPlatformMBeanServer()
        .invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"),
            "gcClassHistogram",
            new Object[] {new String[] {"-all"}},
            new String[] {String[].class.getName()})
        .toString();
  }

  /** Objects and bytes of each class. */
  private static Map<String, long[]> parsed(String histogram) {
    Map<String, long[]> found = new HashMap<>();
    for (Matcher row = ROW.matcher(histogram); row.find(); ) {
      if (!row.group(3).contains("vm.Filler")) { // what the collector puts into gaps
        long[] sum = found.computeIfAbsent(row.group(3), _ -> new long[2]);
        sum[0] += Long.parseLong(row.group(1));
        sum[1] += Long.parseLong(row.group(2));
      }
    }
    return found;
  }

  private static String table(
      Map<String, long[]> before, Map<String, long[]> after, long operations) {
    Map<String, double[]> each = new HashMap<>();
    double all = 0;
    for (var entry : after.entrySet()) {
      long[] old = before.getOrDefault(entry.getKey(), new long[2]);
      double bytes = (double) (entry.getValue()[1] - old[1]) / operations;
      each.put(
          entry.getKey(),
          new double[] {(double) (entry.getValue()[0] - old[0]) / operations, bytes});
      all += bytes;
    }
    var text = new StringBuilder(line(all, "", "in all, of " + operations + " operations"));
    each.entrySet().stream()
        .filter(it -> it.getValue()[1] >= SHOWN)
        .sorted((a, b) -> Double.compare(b.getValue()[1], a.getValue()[1]))
        .forEach(it ->
            text.append(
                line(
                    it.getValue()[1],
                    String.format(Locale.ROOT, "%.2f", it.getValue()[0]),
                    it.getKey())));
    return text.toString();
  }

  private static String line(double bytes, String objects, String what) {
    return String.format(Locale.ROOT, "%8.1f B %7s %s%n", bytes, objects, what);
  }
}

import dev.asyncio.bench.Sampling;
import java.util.Map;
import java.util.concurrent.Callable;

/** What the programs of primitives on the JVM share: their arguments. */
public final class PeerPrimitives {
  private PeerPrimitives() {}

  /**
   * Measures the primitive that the arguments name, and prints a line of JSON.
   *
   * @param args name, seconds to warm up, seconds for a sample
   * @param workloads by name; each returns how many operations it made
   * @param parking what is measured as {@code parked}, or null
   */
  public static void measure(
      String[] args, Map<String, Callable<Integer>> workloads, Sampling.Parking parking)
      throws Exception {
    if (args[0].equals("parked") && parking != null) {
      System.out.println(Sampling.parked(parking));
    } else if (workloads.containsKey(args[0])) {
      double warm = Double.parseDouble(args[1]);
      double seconds = Double.parseDouble(args[2]);
      System.out.println(Sampling.time(workloads.get(args[0]), warm, seconds));
    } else {
      System.exit(Sampling.NO_SUCH_PRIMITIVE);
    }
    System.exit(0); // whatever threads are left
  }
}

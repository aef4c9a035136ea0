package dev.asyncio;

import dev.asyncio.loop.SharedPorts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many workers there are, and how they live and end.
 *
 * @param loops how many
 * @param runner how each loop is made; {@code gracefulTermination} means nothing here
 * @param sharing how connections come to the loops; null for {@link PortSharing#REUSE_PORT} on
 *     Linux and {@link PortSharing#HAND_OUT} elsewhere
 * @param grace how long connections and handlers may go on when a worker is stopped
 * @param startLimit how long a successor may take until it serves what its predecessor does
 * @param restarts how many workers that fail are replaced {@code within} a time
 * @param within the time that {@code restarts} are counted in
 */
public record WorkersOptions(
    int loops,
    RunnerOptions runner,
    @Nullable PortSharing sharing,
    Duration grace,
    Duration startLimit,
    int restarts,
    Duration within) {

  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no loop, a duration or {@code restarts} is
   *     negative, or this system cannot share a port as {@code sharing} says
   */
  public WorkersOptions {
    if (loops <= 0) {
      throw new IllegalArgumentException("loops must be positive, got " + loops);
    }
    if (restarts < 0) {
      throw new IllegalArgumentException("restarts must not be negative, got " + restarts);
    }
    checkNotNegative("grace", grace);
    checkNotNegative("startLimit", startLimit);
    checkNotNegative("within", within);
    if (sharing == PortSharing.REUSE_PORT && !SharedPorts.systemSpreads()) {
      throw new IllegalArgumentException(
          "REUSE_PORT does not spread connections on this system; use HAND_OUT");
    }
  }

  private static void checkNotNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, got " + duration);
    }
  }

  /**
   * A loop for each processor, half a minute of grace and to start in, and a worker that fails ends
   * all.
   */
  public static WorkersOptions defaults() {
    return new WorkersOptions(
        Runtime.getRuntime().availableProcessors(),
        RunnerOptions.defaults(),
        null,
        HALF_A_MINUTE,
        HALF_A_MINUTE,
        0,
        Duration.ZERO);
  }

  /** The same with a number of loops. */
  public WorkersOptions loops(int value) {
    return new WorkersOptions(value, runner, sharing, grace, startLimit, restarts, within);
  }

  /** The same with a say in how each loop is made. */
  public WorkersOptions runner(RunnerOptions value) {
    return new WorkersOptions(loops, value, sharing, grace, startLimit, restarts, within);
  }

  /** The same with one way of sharing a port forced. */
  public WorkersOptions sharing(PortSharing value) {
    return new WorkersOptions(loops, runner, value, grace, startLimit, restarts, within);
  }

  /** The same with another time for connections and handlers to end by themselves. */
  public WorkersOptions grace(Duration value) {
    return new WorkersOptions(loops, runner, sharing, value, startLimit, restarts, within);
  }

  /** The same with another limit for a successor to begin to serve. */
  public WorkersOptions startLimit(Duration value) {
    return new WorkersOptions(loops, runner, sharing, grace, value, restarts, within);
  }

  /**
   * The same with workers that fail replaced, and the failure told to the exception handler, up to
   * {@code most} times {@code within} a time, all of them together; one more ends all.
   */
  public WorkersOptions restarts(int most, Duration within) {
    return new WorkersOptions(loops, runner, sharing, grace, startLimit, most, within);
  }

  boolean handsOut() {
    return sharing == null ? !SharedPorts.systemSpreads() : sharing == PortSharing.HAND_OUT;
  }
}

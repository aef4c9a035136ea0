package dev.asyncio;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Asyncio#run} and {@link Runner} make their loop.
 *
 * @param debug whether the loop is in debug mode; null for what {@code -Dasyncio.debug} or the
 *     environment variable {@code ASYNCIO_DEBUG} says
 * @param loopFactory makes the loop; null for a {@code SelectorEventLoop} with the following two
 * @param engine which engine; null for what {@code -Dasyncio.engine} says, else the carried one
 *     where it can be had
 * @param clock the loop's clock; null for the system's
 * @param gracefulTermination whether SIGTERM cancels the main task instead of ending the program
 */
public record RunnerOptions(
    @Nullable Boolean debug,
    @Nullable Supplier<? extends AbstractEventLoop> loopFactory,
    @Nullable EngineKind engine,
    @Nullable Clock clock,
    boolean gracefulTermination) {

  private static final RunnerOptions DEFAULTS = new RunnerOptions(null, null, null, null, false);

  /** All left to the environment. */
  public static RunnerOptions defaults() {
    return DEFAULTS;
  }

  /** The same with debug mode on or off. */
  public RunnerOptions debug(boolean value) {
    return new RunnerOptions(value, loopFactory, engine, clock, gracefulTermination);
  }

  /** The same with another kind of loop. */
  public RunnerOptions loopFactory(Supplier<? extends AbstractEventLoop> value) {
    return new RunnerOptions(debug, value, engine, clock, gracefulTermination);
  }

  /**
   * The same with one engine forced; the loop's creation fails with an {@link
   * IllegalStateException} where that cannot be had.
   */
  public RunnerOptions engine(EngineKind value) {
    return new RunnerOptions(debug, loopFactory, value, clock, gracefulTermination);
  }

  /** The same with another clock. */
  public RunnerOptions clock(Clock value) {
    return new RunnerOptions(debug, loopFactory, engine, value, gracefulTermination);
  }

  /**
   * The same with SIGTERM asking the program to end as Ctrl-C does: the main task is cancelled, so
   * that it can clean up, and {@code run} then throws {@link SystemExit} with code 143, which
   * {@code ./asyncio run} makes its exit status. A second SIGTERM ends the program at once.
   */
  public RunnerOptions gracefulTermination(boolean value) {
    return new RunnerOptions(debug, loopFactory, engine, clock, value);
  }
}

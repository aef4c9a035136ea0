package dev.asyncio;

/**
 * A semaphore that refuses to get more permits back than it started with, so that a release too
 * many is noticed where it happens.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.BoundedSemaphore}.
 */
public final class BoundedSemaphore extends Semaphore {
  private final int bound;

  /** Makes one with a single permit. */
  public BoundedSemaphore() {
    this(1);
  }

  /**
   * Makes one with the given number of permits.
   *
   * @param value the number of permits at first, and at most
   * @throws IllegalArgumentException if it is negative
   */
  public BoundedSemaphore(int value) {
    super(value);
    this.bound = value;
  }

  /**
   * Gives one permit back, handing it to the first task that waits for one.
   *
   * @throws IllegalArgumentException if all permits are there already
   */
  @Override
  public void release() {
    if (free() >= bound) {
      throw new IllegalArgumentException(
          "BoundedSemaphore released too many times: all "
              + bound
              + " permits of "
              + this
              + " are free; every release() needs an acquire() of its own");
    }
    super.release();
  }
}

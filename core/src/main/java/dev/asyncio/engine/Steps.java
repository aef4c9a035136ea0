package dev.asyncio.engine;

import org.jspecify.annotations.Nullable;

/** What an engine asks of the loop whose strands it runs. */
public interface Steps {

  /**
   * Runs what {@code owner} does on its strand, from the beginning to the end. Called on the
   * strand; it must not throw.
   *
   * @param owner what was given to {@link Engine#strand}
   */
  void live(Object owner);

  /**
   * Takes the next piece of work off the ready queue if it is the step of a strand that may follow
   * at once, and makes its task the current one. Called by a strand of the portable engine that is
   * about to stop, so that the next strand is reached without a detour over the loop's own thread.
   *
   * @return the strand to go on with, or null if the loop itself has to act first
   */
  @Nullable Strand takeNext();

  /**
   * Takes the next piece of work off the ready queue if it is a task's first step, and makes that
   * task the current one, on {@code strand}. Called by a strand of the carried engine whose body
   * has ended: the task begins on the stack that is there, which nobody has to unmount and mount.
   *
   * @return what the strand has to {@link #live} next, or null if the loop itself has to act first
   */
  @Nullable Object takeFirstStep(Strand strand);

  /**
   * Tells that a strand which had stopped in a blocking JDK call can go on; the loop must call
   * {@link Strand#proceed} in a turn to come. Called from any thread. It may be a false alarm: the
   * strand may have gone on meanwhile, or even run something else.
   *
   * @param owner what was given to {@link Engine#strand}
   */
  void unblocked(Strand strand, Object owner);
}

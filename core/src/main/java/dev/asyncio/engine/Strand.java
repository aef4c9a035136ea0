package dev.asyncio.engine;

import org.jspecify.annotations.Nullable;

/**
 * One stack that can stop in the middle and go on later: what a task runs on.
 *
 * <p>Its life: {@link #resume} starts it, it runs until it calls {@link #suspend}, the next {@code
 * resume} lets it go on, and so until its body ends. With the carried engine it may also stop
 * inside a blocking JDK call; then it is {@link #blocked} until the JDK lets it go on and the loop
 * calls {@link #proceed}.
 */
public abstract sealed class Strand permits CarriedStrand, PortableStrand {

  Strand() {}

  /**
   * Lets it start or go on, and returns when it has stopped. Called by the loop. It may be followed
   * by the strands that {@link Steps#takeNext} gives before this returns.
   */
  public abstract void resume();

  /** As {@link #resume}, but returns as soon as this very strand has stopped. */
  public abstract void resumeAlone();

  /**
   * Lets {@code callee} start while this strand stands still, and returns when the callee has
   * stopped, before anything else of the loop runs. Called on this strand. This is how a task
   * starts another one eagerly.
   *
   * @throws PinnedException as {@link #suspend}
   */
  public abstract void call(Strand callee);

  /**
   * Stops here until {@link #resume}; called on this strand.
   *
   * @throws PinnedException if a native frame or a class initialiser on the stack forbids it
   * @throws VirtualMachineError if the stack is too deep for the JVM to unmount it, or for the
   *     memory
   */
  public abstract void suspend();

  /**
   * Stops here and lets {@code next} start or go on in this strand's place: whoever let this one go
   * on finds {@code next} there instead, and nothing of the loop runs in between. Returns when
   * another strand switches back. Called on this strand. This is how a task goes into the body of a
   * generator, and how that gives an item back.
   *
   * @throws PinnedException as {@link #suspend}; {@code next} has not run then
   */
  public abstract void switchTo(Strand next);

  /** Has {@code next} go on in this strand's place when its body ends. Called on this strand. */
  public abstract void endIn(Strand next);

  /** What was given to {@link Engine#strand} for the body that runs, or null between two. */
  public abstract @Nullable Object owner();

  /** Whether it stopped in a blocking JDK call rather than in {@link #suspend}. Loop only. */
  public abstract boolean blocked();

  /** Whether the blocking JDK call it stopped in is over, so that it may {@link #proceed}. */
  public abstract boolean released();

  /**
   * Goes on after a blocking JDK call; called by the loop after {@link Steps#unblocked}. It does
   * nothing if it has gone on already.
   */
  public abstract void proceed();

  /** The virtual thread of this strand, which is the current thread while its code runs. */
  public abstract Thread thread();
}

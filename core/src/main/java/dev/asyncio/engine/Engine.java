package dev.asyncio.engine;

/**
 * Makes the strands of one event loop and chooses the thread the loop runs on.
 *
 * <p><b>Threads:</b> {@link #drive} may be called from any thread; everything else belongs to the
 * loop.
 */
public sealed interface Engine permits CarriedEngine, PortableEngine {

  /** The name by which users choose and see this engine: {@code carried} or {@code portable}. */
  String name();

  /**
   * Gives a stack on which {@link Steps#live} will run at its first {@link Strand#resume}.
   *
   * @param owner for {@link Steps}
   */
  Strand strand(Object owner);

  /**
   * Runs the loop on a thread that can step strands, and returns when it has ended. That is the
   * calling thread where it will do, else a thread made for it while the caller waits.
   *
   * @param onInterrupt called if the waiting caller is interrupted; the interrupt status is
   *     restored when {@code drive} returns
   */
  void drive(Runnable loop, Runnable onInterrupt);

  /**
   * A thread, not started yet, on which {@link #drive} runs the loop itself instead of making one.
   * To be interrupted by nobody: nothing waits there that would pass it on. Any thread.
   */
  Thread thread(String name, Runnable body);

  /**
   * Makes the current thread the one that the loop runs on, where its turns are run by somebody
   * else's loop instead of {@link #drive}.
   *
   * @throws IllegalStateException if strands cannot be stepped on this thread
   */
  void attach();

  /** Ends what {@link #attach} began. */
  void detach();

  /**
   * Called by the loop in each turn: lets other threads run that have nothing but the loop's own
   * processor.
   *
   * @param busy whether the loop will not wait for anything in this turn
   */
  void beginTurn(boolean busy);

  /** How many of its virtual threads are alive. Any thread. */
  int strands();
}

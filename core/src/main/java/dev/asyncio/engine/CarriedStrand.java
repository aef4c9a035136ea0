package dev.asyncio.engine;

import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A virtual thread that has itself as its scheduler: the JDK asks this object to {@linkplain
 * #execute run} the thread's continuation, and it does so when the loop says.
 *
 * <p>To suspend, the strand yields. The JDK then hands the continuation straight back through
 * {@code execute}, on the loop's thread, and it stays here until {@link #resume} runs it. Compared
 * with park and unpark this saves the parking permit and two compare-and-sets, an interrupt cannot
 * wake it, and a pinned strand comes back from the yield at once instead of blocking the loop.
 *
 * <p>Any other call of {@code execute} means that the thread had stopped in a blocking JDK call (or
 * called {@code Thread.yield}) and can go on; it may come from any thread.
 *
 * <p>Somebody else may look at the thread's stack at any time, by {@code Thread.getStackTrace}. As
 * long as that takes, the JDK does not run the thread: its entry returns at once. Afterwards it
 * calls {@code execute}, for the case that the thread should have run meanwhile. So a strand is run
 * until it says that it has, and a call of {@code execute} is no more than a hint.
 */
final class CarriedStrand extends Strand implements Executor, Runnable {

  // What it does. It becomes RESUMED by resume, and RUNNING when its thread goes on, or by proceed;
  // SUSPENDED in suspend and switchTo, CALLING in call; BLOCKED when the thread unmounted without
  // either; ENDED with its thread.
  // Numbers, since the garbage collector has to be told of each change of an object field, and
  // small ones, since a million strands are a million times their fields.
  private static final byte NEW = 0;
  private static final byte RESUMED = 1;
  private static final byte RUNNING = 2;
  private static final byte SUSPENDED = 3;
  private static final byte CALLING = 4;
  private static final byte BLOCKED = 5;
  private static final byte ENDED = 6;

  private final CarriedEngine engine;
  private final Thread thread;

  // --- loop thread, and this strand while it is mounted on it
  private byte phase = NEW;

  /** Whose body runs; null once there is none left. */
  private @Nullable Object owner;

  /** Whether whoever let it go on wants to know when it stops, before anything else runs. */
  private boolean alone;

  /** Whether the JDK runs it, as it does after a blocking call, and not this object. */
  private boolean runByJdk;

  /** Whether the JDK has asked to run it after a blocking call; set by any thread. */
  private volatile boolean released;

  CarriedStrand(CarriedEngine engine, Object owner) {
    this.engine = engine;
    this.owner = owner;
    this.thread = VirtualThreads.create(this, this);
    resetContextClassLoader();
  }

  @Override
  public void resume() {
    assert phase == SUSPENDED || phase == NEW : this;
    alone = false;
    mount();
  }

  @Override
  public void resumeAlone() {
    assert phase == SUSPENDED || phase == NEW : this;
    alone = true;
    mount();
  }

  @Override
  public boolean released() {
    return released;
  }

  @Override
  public void proceed() {
    if (released) {
      released = false;
      if (phase == BLOCKED) {
        alone = true;
        mount();
      }
    }
  }

  private void mount() {
    CarriedStrand strand = this;
    CarriedStrand successor;
    while ((successor = strand.runUntilItStops()) != null) {
      successor.alone = strand.alone;
      strand = successor;
    }
  }

  /**
   * Runs the thread on the loop's until it unmounts, and those that it calls meanwhile.
   *
   * @return who goes on in its place
   */
  private @Nullable CarriedStrand runUntilItStops() {
    runThread();
    while (phase == CALLING) {
      engine.takeNext().resumeAlone();
      runThread();
    }
    if (phase == RUNNING) {
      phase = BLOCKED;
      return null;
    }
    return engine.next == null ? null : engine.takeNext();
  }

  private void runThread() {
    if (phase == BLOCKED) {
      phase = RUNNING;
      runByJdk = true;
      VirtualThreads.entry(thread).run();
      return;
    }
    phase = RESUMED;
    runByJdk = false;
    while (!VirtualThreads.claim(thread)) { // somebody looks at its stack
      Thread.onSpinWait();
    }
    VirtualThreads.run(thread);
    if (phase == SUSPENDED || phase == CALLING) {
      VirtualThreads.yielded(thread);
    } else if (VirtualThreads.done(thread)) {
      VirtualThreads.ended(thread);
    } else {
      VirtualThreads.blocked(thread);
    }
  }

  @Override
  public void suspend() {
    pause(SUSPENDED);
  }

  @Override
  public void call(Strand callee) {
    stopFor(callee, CALLING);
  }

  @Override
  public void switchTo(Strand successor) {
    stopFor(successor, SUSPENDED);
  }

  private void stopFor(Strand other, byte meanwhile) {
    engine.next = (CarriedStrand) other;
    try {
      pause(meanwhile);
    } catch (PinnedException | VirtualMachineError e) { // it goes on here
      engine.next = null;
      throw e;
    }
  }

  @Override
  public void endIn(Strand successor) {
    engine.next = (CarriedStrand) successor;
  }

  @SuppressWarnings("ThreadPriorityCheck") // this thread's scheduler is the loop
  private void pause(byte meanwhile) {
    phase = meanwhile;
    try {
      if (runByJdk) {
        Thread.yield();
      } else {
        VirtualThreads.stop(thread);
      }
    } catch (VirtualMachineError e) { // so deep a stack, or so little memory, that it cannot
      phase = RUNNING;
      throw e;
    }
    if (phase == meanwhile) { // nobody resumed it: the yield failed
      phase = RUNNING;
      throw new PinnedException();
    }
    phase = RUNNING;
  }

  @Override
  public @Nullable Object owner() {
    return owner;
  }

  @Override
  public boolean blocked() {
    return phase == BLOCKED;
  }

  @Override
  public Thread thread() {
    return thread;
  }

  /** The JDK's request to run this thread. Any thread; it must neither block nor fail. */
  @Override
  public void execute(Runnable runnable) {
    if (runnable != VirtualThreads.entry(thread)) {
      // A virtual thread that was started inside this coroutine inherits its scheduler.
      VirtualThreads.defaultScheduler().execute(runnable);
      return;
    }
    int now = phase;
    Object blocked = owner;
    if (blocked != null && (now == RUNNING || now == BLOCKED)) {
      released = true;
      engine.unblocked(this, blocked);
    }
  }

  /**
   * The thread's life: a body, and then those that can begin in its place. Straight on, since its
   * frame lies on the heap while a task waits: where a condition had always come out one way when
   * the JIT compiled it, the JVM would have to replace every such frame by an interpreted one, for
   * 10 µs each, once it came out otherwise.
   */
  @Override
  public void run() {
    phase = RUNNING;
    live();
    liveFollowers();
    phase = ENDED;
    engine.ended();
  }

  /** The body is in no variable: an interpreted frame would hold it until the next one comes. */
  private void live() {
    engine.live(Objects.requireNonNull(owner));
    owner = null;
  }

  /** With no trace of one left for the next. */
  private void liveFollowers() {
    while ((owner = followUp()) != null) {
      forget();
      live();
    }
  }

  /** A task that can begin here at once, since nobody waits for this strand to stop. */
  private @Nullable Object followUp() {
    return alone || engine.next != null ? null : engine.takeFirstStep(this);
  }

  private void forget() {
    VirtualThreads.forget(thread);
    Thread.interrupted();
    if (!thread.getName().isEmpty()) {
      thread.setName("");
    }
    resetContextClassLoader();
  }

  private void resetContextClassLoader() {
    ClassLoader contextClassLoader = engine.contextClassLoader();
    if (thread.getContextClassLoader() != contextClassLoader) {
      thread.setContextClassLoader(contextClassLoader);
    }
  }

  @Override
  public String toString() {
    return "CarriedStrand[phase " + phase + ", " + thread + "]";
  }
}

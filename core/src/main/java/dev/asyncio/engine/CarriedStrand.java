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
  // SUSPENDED in suspend; BLOCKED when the thread unmounted without either; IDLE when a body ended
  // and the thread waits for the next; ENDED with its thread. Numbers, since the garbage collector
  // has to be told of each change of an object field.
  private static final int IDLE = 0;
  private static final int RESUMED = 1;
  private static final int RUNNING = 2;
  private static final int SUSPENDED = 3;
  private static final int BLOCKED = 4;
  private static final int ENDED = 5;

  private final CarriedEngine engine;
  private final Thread thread;

  // --- loop thread, and this strand while it is mounted on it
  private int phase = IDLE;
  private @Nullable Object owner;
  private @Nullable Strand callee;
  private @Nullable CarriedStrand successor;

  /** Whether whoever let it go on wants to know when it stops, before anything else runs. */
  private boolean alone;

  /** Whether the JDK runs it, as it does after a blocking call, and not this object. */
  private boolean runByJdk;

  /** Whether the JDK has asked to run it after a blocking call; set by any thread. */
  private volatile boolean released;

  CarriedStrand(CarriedEngine engine) {
    this.engine = engine;
    this.thread = VirtualThreads.create(this, this);
    resetContextClassLoader();
  }

  /** Gives an idle strand its next body. */
  void assign(Object nextOwner) {
    assert phase == IDLE && owner == null : this;
    owner = nextOwner;
  }

  @Override
  public void resume() {
    assert phase == SUSPENDED || phase == IDLE : this;
    alone = false;
    mount();
  }

  @Override
  public void resumeAlone() {
    assert phase == SUSPENDED || phase == IDLE : this;
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
    CarriedStrand next;
    while ((next = strand.runUntilItStops()) != null) {
      next.alone = strand.alone;
      strand = next;
    }
  }

  /**
   * Runs the thread on the loop's until it unmounts, and those that it calls meanwhile.
   *
   * @return who goes on in its place
   */
  private @Nullable CarriedStrand runUntilItStops() {
    while (true) {
      runThread();
      Strand called = callee;
      if (called == null) {
        break;
      }
      callee = null;
      called.resumeAlone();
    }
    if (phase == RUNNING) {
      phase = BLOCKED;
      return null;
    }
    CarriedStrand next = successor;
    if (next != null) {
      successor = null;
    }
    assert next == null || next.phase == SUSPENDED || next.phase == IDLE : next;
    if (phase == IDLE) {
      engine.becameIdle(this);
    }
    return next;
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
    if (phase == SUSPENDED || phase == IDLE) {
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
  public void call(Strand strand) {
    callee = strand;
    try {
      pause(SUSPENDED);
    } finally {
      callee = null;
    }
  }

  @Override
  public void switchTo(Strand next) {
    successor = (CarriedStrand) next;
    try {
      pause(SUSPENDED);
    } finally {
      successor = null;
    }
  }

  @Override
  public void endIn(Strand next) {
    successor = (CarriedStrand) next;
  }

  @SuppressWarnings("ThreadPriorityCheck") // this thread's scheduler is the loop
  private void pause(int meanwhile) {
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

  /** The thread's life: one body after the other, with no trace of one left for the next. */
  @Override
  public void run() {
    phase = RUNNING;
    while (owner != null) {
      runBody();
      owner = followUp();
      if (owner == null) {
        pause(IDLE); // until there is a next body, or to end
      }
    }
    phase = ENDED;
    engine.ended();
  }

  /** A task that can begin here at once, since nobody waits for this strand to stop. */
  private @Nullable Object followUp() {
    return alone || successor != null ? null : engine.takeFirstStep(this);
  }

  /** In a frame of its own, which is gone while this waits: an idle strand keeps no task alive. */
  private void runBody() {
    engine.live(Objects.requireNonNull(owner));
    owner = null;
    forget();
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

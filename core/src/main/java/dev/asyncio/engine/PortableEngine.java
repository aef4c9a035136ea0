package dev.asyncio.engine;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Strands are ordinary virtual threads of which one at a time has the turn: the loop, itself on a
 * virtual thread, gives it to a strand, and a strand that stops gives it straight to the next one
 * that is ready, or back to the loop. It uses public API only and needs no flags.
 *
 * <p>A blocking JDK call keeps the turn, so it stalls the loop, as in Python.
 */
public final class PortableEngine implements Engine {

  /** How long a busy loop keeps what carries it; to leave it costs about a hundredth of this. */
  private static final long NANOS_IN_A_ROW = 1_000_000;

  private final Steps steps;
  private final @Nullable ClassLoader contextClassLoader =
      Thread.currentThread().getContextClassLoader();

  private final AtomicInteger alive = new AtomicInteger();

  private @Nullable Thread loopThread;
  private long busySince; // by System.nanoTime; 0 for a loop that waited in its last turn

  /** Whether it is the loop's turn; handed over like {@link PortableStrand#turn}. */
  private volatile boolean turn;

  public PortableEngine(Steps steps) {
    this.steps = steps;
  }

  @Override
  public String name() {
    return "portable";
  }

  @Override
  public Strand strand(Object owner) {
    alive.incrementAndGet();
    return new PortableStrand(this, owner, contextClassLoader);
  }

  @Override
  public void drive(Runnable loop, Runnable onInterrupt) {
    Runnable onThisThread =
        () -> {
          attach();
          try {
            loop.run();
          } finally {
            detach();
          }
        };
    if (Thread.currentThread().isVirtual()) {
      onThisThread.run();
    } else {
      Driving.on(Thread.ofVirtual().name("asyncio-loop"), onThisThread, onInterrupt);
    }
  }

  @Override
  public Thread thread(String name, Runnable body) {
    return Thread.ofVirtual().name(name).unstarted(body);
  }

  @Override
  public void attach() {
    loopThread = Thread.currentThread();
  }

  @Override
  public void detach() {
    loopThread = null;
  }

  /**
   * A busy loop and its strands are always each other's next on the thread that carries them. Where
   * that is the only one, other virtual threads would never have their turn, among them those by
   * which the JDK hears of sockets. To yield does not help: the JDK then takes what comes next from
   * the same queue, in which the loop is. So the loop is in none for a moment.
   */
  @Override
  public void beginTurn(boolean busy) {
    if (!busy) {
      busySince = 0;
      return;
    }
    long now = System.nanoTime();
    if (busySince == 0) {
      busySince = now;
    } else if (now - busySince > NANOS_IN_A_ROW) {
      busySince = 0;
      if (Thread.currentThread().isVirtual()) {
        LockSupport.parkNanos(1);
      }
    }
  }

  @Override
  public int strands() {
    return alive.get();
  }

  /** A strand's body has ended, and its thread is about to. */
  void ended() {
    alive.decrementAndGet();
  }

  void live(Object owner) {
    steps.live(owner);
  }

  @Nullable Strand takeNext() {
    return steps.takeNext();
  }

  /** Loop: gives the turn to {@code strand} and waits until it comes back. */
  void giveTo(PortableStrand strand) {
    strand.take();
    boolean interrupted = false;
    while (!turn) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    turn = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Strand: gives the turn back to the loop. */
  void giveBack() {
    turn = true;
    LockSupport.unpark(loopThread);
  }
}

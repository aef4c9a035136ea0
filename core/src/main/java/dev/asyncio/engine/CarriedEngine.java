package dev.asyncio.engine;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Strands are virtual threads whose scheduler is the event loop: the loop's own thread carries
 * them, so a suspension costs one unmount and a resumption one mount, and a blocking JDK call
 * inside a coroutine unmounts it like any other virtual thread while the loop goes on.
 *
 * <p>It needs {@code --add-opens java.base/java.lang=dev.asyncio} (or {@code =ALL-UNNAMED} with the
 * library on the class path). {@link #unavailable} says why it cannot be used, where it cannot.
 */
public final class CarriedEngine implements Engine {

  /**
   * The stack of the loop's thread, on which the strands lie while they run. That the JVM can take
   * a deep one off needs about as much again; one beyond this it refuses for other reasons.
   */
  private static final long STACK_SIZE = 8L << 20;

  private final Steps steps;

  /** Who runs when the strand that is about to stop has stopped; null for the loop. */
  @Nullable CarriedStrand next;

  private final AtomicInteger alive = new AtomicInteger();
  private final @Nullable ClassLoader contextClassLoader =
      Thread.currentThread().getContextClassLoader();

  /**
   * @throws IllegalStateException if the engine is {@linkplain #unavailable unavailable}
   */
  public CarriedEngine(Steps steps) {
    String reason = unavailable();
    if (reason != null) {
      throw new IllegalStateException(reason);
    }
    this.steps = steps;
  }

  /** Why this engine cannot be used in this JVM, with what would mend it; null if it can. */
  public static @Nullable String unavailable() {
    return VirtualThreads.UNAVAILABLE;
  }

  @Override
  public String name() {
    return "carried";
  }

  @Override
  public CarriedStrand strand(Object owner) {
    alive.incrementAndGet();
    return new CarriedStrand(this, owner);
  }

  /** The strand that runs when another one has stopped: in its place, or until it stops itself. */
  CarriedStrand takeNext() {
    CarriedStrand taken = Objects.requireNonNull(next);
    next = null;
    return taken;
  }

  @Override
  public void drive(Runnable loop, Runnable onInterrupt) {
    if (Thread.currentThread() instanceof OwnThread) {
      loop.run();
      return;
    }
    // Not on the calling thread, be it a platform thread: the JDK clears the interrupt status of a
    // thread that carries virtual ones whenever one is unmounted, so an interrupt would get lost.
    Driving.on(
        Thread.ofPlatform().name("asyncio-loop").daemon().stackSize(STACK_SIZE), loop, onInterrupt);
  }

  @Override
  public Thread thread(String name, Runnable body) {
    return new OwnThread(name, body);
  }

  /** A thread that was made for loops. */
  private static final class OwnThread extends Thread {
    OwnThread(String name, Runnable body) {
      super(null, body, name, STACK_SIZE);
      setDaemon(true);
    }
  }

  @Override
  public void attach() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a loop on the carried engine runs on a platform thread, not on "
              + Thread.currentThread()
              + "; give it one, or use the portable engine");
    }
  }

  @Override
  public void detach() {
    // the thread was not told either
  }

  @Override
  public void beginTurn(boolean busy) {
    // the loop has a thread of the system's, which shares the processors by itself
  }

  @Override
  public int strands() {
    return alive.get();
  }

  /** A strand's thread is about to end. Loop, or after a late end whichever thread carries it. */
  void ended() {
    alive.decrementAndGet();
  }

  @Nullable Object takeFirstStep(CarriedStrand strand) {
    return steps.takeFirstStep(strand);
  }

  void live(Object owner) {
    steps.live(owner);
  }

  @Nullable ClassLoader contextClassLoader() {
    return contextClassLoader;
  }

  void unblocked(CarriedStrand strand, Object owner) {
    steps.unblocked(strand, owner);
  }
}

package dev.asyncio.engine;

import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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

  /** How many virtual threads of finished tasks are kept in any case (about 600 bytes each). */
  private static final int MOST_IDLE = 4096;

  /** How many more may be kept, as long as there is memory. */
  private static final int MOST_SURPLUS = 128 * 1024;

  /**
   * How many strands of this JVM are not kept. What lies at the bottom of a stack is made once and
   * stays there: by the interpreter at first, which takes three times as much as what the JIT makes
   * of it when it has seen this often enough.
   */
  private static final int MOST_WIDE = 10_000;

  private static final AtomicInteger WIDE = new AtomicInteger();

  /**
   * The stack of the loop's thread, on which the strands lie while they run. That the JVM can take
   * a deep one off needs about as much again; one beyond this it refuses for other reasons.
   */
  private static final long STACK_SIZE = 8L << 20;

  private final Steps steps;
  private final ArrayDeque<CarriedStrand> idle = new ArrayDeque<>();

  /**
   * Further ones, left by a burst of tasks. The JDK does not list strands, so the collector takes
   * them as they are when it needs the memory; a thread that somebody still has never ends then.
   */
  private SoftReference<ArrayDeque<CarriedStrand>> surplus =
      new SoftReference<>(new ArrayDeque<>());

  /** Those that were not kept, as long as somebody has their thread and may wait for its end. */
  private final List<WeakReference<CarriedStrand>> wide = new ArrayList<>();

  /** Who runs when the strand that is about to stop has stopped; null for the loop. */
  @Nullable CarriedStrand next;

  private final AtomicInteger alive = new AtomicInteger();
  private final @Nullable ClassLoader contextClassLoader =
      Thread.currentThread().getContextClassLoader();
  private boolean closed;

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
    CarriedStrand strand = idle.pollLast();
    if (strand == null) {
      ArrayDeque<CarriedStrand> more = surplus.get();
      strand = more == null ? null : more.pollLast();
      if (strand == null) {
        strand = new CarriedStrand(this, beginsLean());
      }
      alive.incrementAndGet();
    }
    strand.assign(owner);
    return strand;
  }

  private static boolean beginsLean() {
    return WIDE.get() >= MOST_WIDE || WIDE.incrementAndGet() > MOST_WIDE;
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

  @Override
  public int idleStrands() {
    return idle.size();
  }

  @Override
  public void close() {
    closed = true;
    List<CarriedStrand> left = new ArrayList<>();
    for (var reference : wide) {
      CarriedStrand strand = reference.get();
      if (strand != null) {
        left.add(strand);
      }
    }
    ArrayDeque<CarriedStrand> more = surplus.get();
    if (more != null) {
      left.addAll(more);
    }
    alive.addAndGet(left.size());
    left.addAll(idle);
    idle.clear();
    surplus.clear();
    wide.clear();
    left.forEach(CarriedStrand::resume); // without a body: their threads end
  }

  /**
   * A strand whose body has ended has stopped: keeps it for the next task, if there is room, and
   * else leaves it to the collector. Who has its thread sees that end when the loop is closed.
   */
  void becameIdle(CarriedStrand strand) {
    if (closed) {
      strand.resume(); // without a body: its thread ends
      return;
    }
    if (strand.lean && idle.size() < MOST_IDLE) {
      idle.addLast(strand);
      return;
    }
    alive.decrementAndGet();
    if (!strand.lean) {
      wide.add(new WeakReference<>(strand));
      return;
    }
    ArrayDeque<CarriedStrand> more = surplus.get();
    if (more == null) {
      more = new ArrayDeque<>();
      surplus = new SoftReference<>(more);
    }
    if (more.size() < MOST_SURPLUS) {
      more.addLast(strand);
    }
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

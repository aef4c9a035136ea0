import static java.util.Map.entry;

import dev.asyncio.bench.Sampling;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import jdk.internal.vm.Continuation;
import jdk.internal.vm.ContinuationScope;

/**
 * The limit on this JVM: bare continuations, no loop, no task objects.
 *
 * <p>Arguments: see {@link PeerPrimitives}; {@code switch_N} is a switch of N instead of 100. Needs
 * {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED}.
 */
public final class ContinuationPrimitives {
  private static final ContinuationScope SCOPE = new ContinuationScope("limit");

  private ContinuationPrimitives() {}

  /** Measures one primitive. */
  public static void main(String[] args) throws Exception {
    PeerPrimitives.measure(
        args,
        Map.ofEntries(
            entry("switch", () -> switches(100, 1_000)),
            entry("spawn", ContinuationPrimitives::spawns),
            entry("queue_1", ContinuationPrimitives::items),
            entry("sleep", ContinuationPrimitives::sleeps),
            entry("await_soon", ContinuationPrimitives::awaits),
            entry("post", Posts::posts),
            entry("switch_1", () -> switches(1, 100_000)),
            entry("switch_100", () -> switches(100, 1_000)),
            entry("switch_10000", () -> switches(10_000, 100)),
            entry("switch_1000000", () -> switches(1_000_000, 30))),
        new Parked());
  }

  private static int switches(int tasks, int yields) {
    ArrayDeque<Continuation> ready = new ArrayDeque<>();
    for (int i = 0; i < tasks; i++) {
      ready.add(
          new Continuation(
              SCOPE,
              () -> {
                for (int k = 0; k < yields; k++) {
                  Continuation.yield(SCOPE);
                }
              }));
    }
    runAll(ready);
    return tasks * yields;
  }

  private static int spawns() {
    int[] results = new int[10_000];
    ArrayDeque<Continuation> ready = new ArrayDeque<>();
    for (int i = 0; i < results.length; i++) {
      int value = i;
      ready.add(new Continuation(SCOPE, () -> results[value] = value));
    }
    runAll(ready);
    return results.length;
  }

  /** A producer and a consumer; the slot holds one item, so that each stops at every item. */
  private static int items() {
    Integer[] slot = new Integer[1];
    ArrayDeque<Continuation> ready = new ArrayDeque<>();
    ready.add(
        new Continuation(
            SCOPE,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                slot[0] = i;
                Continuation.yield(SCOPE);
              }
            }));
    ready.add(
        new Continuation(
            SCOPE,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                slot[0] = null;
                Continuation.yield(SCOPE);
              }
            }));
    runAll(ready);
    return 100_000;
  }

  private static int awaits() {
    ArrayDeque<Runnable> ready = new ArrayDeque<>();
    Continuation[] task = new Continuation[1];
    Runnable resume = () -> task[0].run();
    task[0] =
        new Continuation(
            SCOPE,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                ready.add(() -> ready.add(resume));
                Continuation.yield(SCOPE);
              }
            });
    ready.add(resume);
    for (Runnable next; (next = ready.poll()) != null; ) {
      next.run();
    }
    return 100_000;
  }

  private static final class Sleeper implements Comparable<Sleeper> {
    private final Continuation task;
    private long when;

    Sleeper(long delay, PriorityQueue<Sleeper> timers) {
      task =
          new Continuation(
              SCOPE,
              () -> {
                when = System.nanoTime() + delay;
                timers.add(this);
                Continuation.yield(SCOPE);
              });
    }

    @Override
    public int compareTo(Sleeper other) {
      return Long.compare(when, other.when);
    }
  }

  private static int sleeps() {
    var timers = new PriorityQueue<Sleeper>(100_000);
    new Random(1)
        .longs(100_000, 1_000_000, 50_000_000)
        .forEach(delay -> new Sleeper(delay, timers).task.run());
    for (Sleeper next; (next = timers.peek()) != null; ) {
      long wait = next.when - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      } else {
        timers.poll().task.run();
      }
    }
    return 100_000;
  }

  private static void runAll(ArrayDeque<Continuation> ready) {
    for (Continuation next; (next = ready.poll()) != null; ) {
      next.run();
      if (!next.isDone()) {
        ready.add(next);
      }
    }
  }

  /**
   * What another thread posts, in a stack that is taken whole and turned over; who has nothing to
   * do parks. Neither a handle nor a context, and no other work to look for.
   */
  private static final class Posts {
    private static final int POSTS = 100_000;
    private static final AtomicReference<Posted> TOP = new AtomicReference<>();
    private static volatile boolean asleep;

    private record Work(Runnable runnable) {}

    private static final class Posted {
      private final Work work;
      private Posted below;

      private Posted(Work work) {
        this.work = work;
      }
    }

    private static int posts() {
      Thread taker = Thread.currentThread();
      int[] ran = new int[1];
      new Thread(
              () -> {
                for (int i = 0; i < POSTS; i++) {
                  post(new Work(() -> ran[0]++), taker);
                }
              })
          .start();
      while (ran[0] < POSTS) {
        takeAll();
      }
      return POSTS;
    }

    private static void post(Work work, Thread taker) {
      var posted = new Posted(work);
      do {
        posted.below = TOP.get();
      } while (!TOP.compareAndSet(posted.below, posted));
      if (asleep) {
        asleep = false;
        LockSupport.unpark(taker);
      }
    }

    private static void takeAll() {
      Posted last = TOP.get() == null ? null : TOP.getAndSet(null);
      if (last == null) {
        asleep = true;
        if (TOP.get() == null) {
          LockSupport.park();
        }
        asleep = false;
      }
      Posted first = null;
      while (last != null) {
        Posted below = last.below;
        last.below = first;
        first = last;
        last = below;
      }
      for (; first != null; first = first.below) {
        first.work.runnable().run();
      }
    }
  }

  private static final class Parked implements Sampling.Parking {
    private Continuation[] tasks = {};

    @Override
    public void park(int count) {
      tasks = new Continuation[count];
      for (int i = 0; i < count; i++) {
        tasks[i] = new Continuation(SCOPE, () -> Continuation.yield(SCOPE));
        tasks[i].run();
      }
    }

    @Override
    public void wake() {
      for (Continuation task : tasks) {
        task.run();
      }
      tasks = new Continuation[0];
    }
  }
}

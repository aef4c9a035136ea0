import static java.util.Map.entry;

import dev.asyncio.bench.Sampling;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import jdk.internal.vm.Continuation;

/**
 * The limit for tasks that have a virtual thread each: as {@link ContinuationPrimitives}, with the
 * thread mounted around its continuation, so that locks, thread-locals and interrupts know whom
 * they mean. Nothing else of a virtual thread: no state, no scheduler.
 *
 * <p>Arguments: see {@link PeerPrimitives}. Needs {@code --add-opens
 * java.base/java.lang=ALL-UNNAMED} and {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED}.
 */
public final class MountedPrimitives {
  private static final MethodHandle MOUNT;
  private static final MethodHandle UNMOUNT;
  private static final MethodHandle YIELD;
  private static final MethodHandle CONTINUATION;

  static {
    try {
      Class<?> type = Class.forName("java.lang.VirtualThread");
      var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      MethodType action = MethodType.methodType(void.class);
      MethodType question = MethodType.methodType(boolean.class);
      MOUNT = onThread(lookup.findVirtual(type, "mount", action));
      UNMOUNT = onThread(lookup.findVirtual(type, "unmount", action));
      YIELD = onThread(lookup.findVirtual(type, "yieldContinuation", question));
      CONTINUATION = onThread(lookup.findGetter(type, "cont", Continuation.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private MountedPrimitives() {}

  private static MethodHandle onThread(MethodHandle member) {
    return member.asType(member.type().changeParameterType(0, Thread.class));
  }

  /** A virtual thread that runs when, and where, {@link #run} is called. */
  private static final class Stack implements Runnable {
    private final Thread thread;
    private final Continuation continuation;

    private Stack(Runnable body) {
      thread = Thread.ofVirtual().inheritInheritableThreadLocals(false).unstarted(body);
      try {
        continuation = (Continuation) CONTINUATION.invokeExact(thread);
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void run() {
      try {
        MOUNT.invokeExact(thread);
        try {
          continuation.run();
        } finally {
          UNMOUNT.invokeExact(thread);
        }
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }

    private void stop() {
      try {
        var _ = (boolean) YIELD.invokeExact(thread);
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }

    private boolean isDone() {
      return continuation.isDone();
    }
  }

  /** Measures one primitive. */
  public static void main(String[] args) throws Exception {
    PeerPrimitives.measure(
        args,
        Map.ofEntries(
            entry("switch", () -> switches(100, 1_000)),
            entry("queue_1", () -> switches(2, 100_000) / 2),
            entry("sleep", MountedPrimitives::sleeps),
            entry("lock_100", () -> switches(100, 1_000) / 2),
            entry("await_soon", MountedPrimitives::awaits)),
        new Parked());
  }

  /** An item through a queue of one is two of these; so is a lock that is held for a turn. */
  private static int switches(int tasks, int stops) {
    ArrayDeque<Stack> ready = new ArrayDeque<>();
    for (int i = 0; i < tasks; i++) {
      var self = new Stack[1];
      self[0] =
          new Stack(() -> {
            for (int k = 0; k < stops; k++) {
              self[0].stop();
            }
          });
      ready.add(self[0]);
    }
    for (Stack next; (next = ready.poll()) != null; ) {
      next.run();
      if (!next.isDone()) {
        ready.add(next);
      }
    }
    return tasks * stops;
  }

  private static int awaits() {
    ArrayDeque<Runnable> ready = new ArrayDeque<>();
    var self = new Stack[1];
    self[0] =
        new Stack(() -> {
          for (int i = 0; i < 100_000; i++) {
            ready.add(() -> ready.add(self[0]));
            self[0].stop();
          }
        });
    ready.add(self[0]);
    for (Runnable next; (next = ready.poll()) != null; ) {
      next.run();
    }
    return 100_000;
  }

  private static final class Sleeper implements Comparable<Sleeper> {
    private final Stack task;
    private long when;

    private Sleeper(long delay, PriorityQueue<Sleeper> timers) {
      task =
          new Stack(() -> {
            when = System.nanoTime() + delay;
            timers.add(this);
            stop();
          });
    }

    private void stop() {
      task.stop();
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

  private static final class Parked implements Sampling.Parking {
    private Stack[] tasks = {};

    @Override
    public void park(int count) {
      tasks = new Stack[count];
      for (int i = 0; i < count; i++) {
        Stack[] all = tasks;
        int place = i;
        tasks[i] = new Stack(() -> all[place].stop());
        tasks[i].run();
      }
    }

    @Override
    public void wake() {
      for (Stack task : tasks) {
        task.run();
      }
      tasks = new Stack[0];
    }
  }
}

import dev.asyncio.bench.Sampling;
import java.util.ArrayDeque;
import java.util.Map;
import jdk.internal.vm.Continuation;
import jdk.internal.vm.ContinuationScope;

/**
 * The limit on this JVM: bare continuations, no loop, no task objects.
 *
 * <p>Arguments: see {@link PeerPrimitives}. Needs {@code --add-exports
 * java.base/jdk.internal.vm=ALL-UNNAMED}.
 */
public final class ContinuationPrimitives {
  private static final ContinuationScope SCOPE = new ContinuationScope("limit");

  private ContinuationPrimitives() {}

  /** Measures one primitive. */
  public static void main(String[] args) throws Exception {
    PeerPrimitives.measure(
        args,
        Map.of(
            "switch", ContinuationPrimitives::switches,
            "spawn", ContinuationPrimitives::spawns),
        new Parked());
  }

  private static int switches() {
    ArrayDeque<Continuation> ready = new ArrayDeque<>();
    for (int i = 0; i < 100; i++) {
      ready.add(
          new Continuation(
              SCOPE,
              () -> {
                for (int k = 0; k < 1_000; k++) {
                  Continuation.yield(SCOPE);
                }
              }));
    }
    runAll(ready);
    return 100_000;
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

  private static void runAll(ArrayDeque<Continuation> ready) {
    for (Continuation next; (next = ready.poll()) != null; ) {
      next.run();
      if (!next.isDone()) {
        ready.add(next);
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

import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The limit of public API: virtual threads that give each other the turn, on the JDK's scheduler.
 * No loop, no task objects.
 *
 * <p>Arguments: see {@link PeerPrimitives}.
 */
public final class ParkPrimitives {
  private static final int THREADS = 100;
  private static final int ROUNDS = 1_000;

  private static volatile int turn;

  private ParkPrimitives() {}

  /** Measures one primitive. */
  public static void main(String[] args) throws Exception {
    PeerPrimitives.measure(args, Map.of("switch", ParkPrimitives::switches), null);
  }

  private static int switches() throws InterruptedException {
    Thread[] threads = new Thread[THREADS];
    turn = -1;
    for (int i = 0; i < THREADS; i++) {
      int self = i;
      threads[i] =
          Thread.startVirtualThread(() -> {
            for (int round = 0; round < ROUNDS; round++) {
              while (turn != self) {
                LockSupport.park();
              }
              int next = (self + 1) % THREADS;
              turn = next;
              LockSupport.unpark(threads[next]);
            }
          });
    }
    turn = 0;
    LockSupport.unpark(threads[0]);
    for (Thread thread : threads) {
      thread.join();
    }
    return THREADS * ROUNDS;
  }
}

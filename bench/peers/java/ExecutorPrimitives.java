import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The primitives that callbacks have, on an executor of one thread; by itself on the JDK's own.
 *
 * <p>Arguments: see {@link PeerPrimitives}. Its {@code spawn} is a {@link CompletableFuture}.
 */
public final class ExecutorPrimitives {
  private static final int CHAINS = 100;

  private final ScheduledExecutorService executor;

  private ExecutorPrimitives(ScheduledExecutorService executor) {
    this.executor = executor;
  }

  /** Measures one primitive on a ScheduledThreadPoolExecutor. */
  public static void main(String[] args) throws Exception {
    var executor = new ScheduledThreadPoolExecutor(1);
    executor.setRemoveOnCancelPolicy(true);
    measure(args, executor);
  }

  /** Measures one primitive on the executor, which has one thread. */
  public static void measure(String[] args, ScheduledExecutorService executor) throws Exception {
    ExecutorPrimitives primitives = new ExecutorPrimitives(executor);
    Map<String, Callable<Integer>> workloads =
        Map.of(
            "call_soon", primitives::chains,
            "spawn", primitives::spawns,
            "call_later", primitives::timers,
            "timer_cancel", primitives::cancelled,
            "post", primitives::posts,
            "ping", primitives::roundTrips);
    PeerPrimitives.measure(args, workloads, null);
  }

  private void onThread(Runnable body) throws Exception {
    CompletableFuture.runAsync(body, executor).get();
  }

  private int chains() throws Exception {
    var finished = new CountDownLatch(CHAINS);
    onThread(() -> {
      for (int i = 0; i < CHAINS; i++) {
        executor.execute(new Link(executor, finished));
      }
    });
    finished.await();
    return CHAINS * Link.LENGTH;
  }

  private static final class Link implements Runnable {
    static final int LENGTH = 1_000;

    private final ScheduledExecutorService executor;
    private final CountDownLatch finished;
    private int left = LENGTH;

    Link(ScheduledExecutorService executor, CountDownLatch finished) {
      this.executor = executor;
      this.finished = finished;
    }

    @Override
    public void run() {
      left--;
      if (left > 0) {
        executor.execute(this);
      } else {
        finished.countDown();
      }
    }
  }

  private int spawns() throws Exception {
    CompletableFuture<?>[] tasks = new CompletableFuture<?>[10_000];
    onThread(() -> {
      for (int i = 0; i < tasks.length; i++) {
        int value = i;
        tasks[i] = CompletableFuture.supplyAsync(() -> value, executor);
      }
    });
    CompletableFuture.allOf(tasks).get();
    return tasks.length;
  }

  private int timers() throws Exception {
    Random random = new Random(1);
    var finished = new CountDownLatch(100_000);
    onThread(() -> {
      for (int i = 0; i < 100_000; i++) {
        long delay = 1_000_000 + random.nextInt(49_000_000);
        executor.schedule(finished::countDown, delay, TimeUnit.NANOSECONDS);
      }
    });
    finished.await();
    return 100_000;
  }

  private int cancelled() throws Exception {
    onThread(() -> {
      Future<?>[] timers = new Future<?>[1_000_000];
      for (int i = 0; i < timers.length; i++) {
        long delay = 10_000_000_000L + 10_000L * i;
        timers[i] = executor.schedule(() -> {}, delay, TimeUnit.NANOSECONDS);
      }
      for (Future<?> timer : timers) {
        timer.cancel(false);
      }
    });
    return 1_000_000;
  }

  private int posts() throws Exception {
    for (int i = 0; i < 100_000; i++) {
      executor.execute(() -> {});
    }
    onThread(() -> {});
    return 100_000;
  }

  private int roundTrips() {
    var answers = new Semaphore(0);
    for (int i = 0; i < 5_000; i++) {
      executor.execute(answers::release);
      answers.acquireUninterruptibly();
    }
    return 5_000;
  }
}

import static java.util.Map.entry;

import dev.asyncio.bench.Sampling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The primitives on the JDK's virtual threads, with one carrier.
 *
 * <p>Arguments: see {@link PeerPrimitives}. Needs {@code -Djdk.virtualThreadScheduler.parallelism=1
 * -Djdk.virtualThreadScheduler.maxPoolSize=1}.
 */
public final class VirtualThreadPrimitives {
  private VirtualThreadPrimitives() {}

  /** Measures one primitive. */
  public static void main(String[] args) throws Exception {
    var failure = new CompletableFuture<Void>();
    Thread.startVirtualThread(() -> {
      try {
        measure(args);
      } catch (Throwable e) {
        failure.completeExceptionally(e);
      }
    });
    failure.get();
  }

  private static void measure(String[] args) throws Exception {
    PeerPrimitives.measure(
        args,
        Map.ofEntries(
            entry("switch", VirtualThreadPrimitives::switches),
            entry("spawn", VirtualThreadPrimitives::spawns),
            entry("queue_1", () -> through(1)),
            entry("queue_100", () -> through(100)),
            entry("sleep", VirtualThreadPrimitives::sleeps),
            entry("lock", VirtualThreadPrimitives::locks),
            entry("lock_100", VirtualThreadPrimitives::contended),
            entry("semaphore", VirtualThreadPrimitives::permits),
            entry("await_done", VirtualThreadPrimitives::joinsOfDone),
            entry("await_soon", VirtualThreadPrimitives::joins),
            entry("post", VirtualThreadPrimitives::posts),
            entry("ping", VirtualThreadPrimitives::roundTrips)),
        new Parked());
  }

  private interface Body {
    void run(int number) throws InterruptedException;
  }

  private static Thread start(int number, Body body) {
    return Thread.startVirtualThread(() -> {
      try {
        body.run(number);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static void all(int count, Body body) throws InterruptedException {
    Thread[] threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      threads[i] = start(i, body);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static int switches() throws InterruptedException {
    all(
        100,
        number -> {
          for (int i = 0; i < 1_000; i++) {
            Thread.yield();
          }
        });
    return 100_000;
  }

  private static int spawns() throws InterruptedException {
    int[] results = new int[10_000];
    all(results.length, number -> results[number] = number);
    return results.length;
  }

  private static int through(int size) throws InterruptedException {
    int items = 100_000;
    var queue = new ArrayBlockingQueue<Integer>(size);
    Thread producer =
        start(
            0,
            number -> {
              for (int i = 0; i < items; i++) {
                queue.put(i);
              }
            });
    for (int i = 0; i < items; i++) {
      queue.take();
    }
    producer.join();
    return items;
  }

  private static int sleeps() throws InterruptedException {
    Random random = new Random(1);
    long[] delays = random.longs(100_000, 1_000_000, 50_000_000).toArray();
    all(delays.length, number -> Thread.sleep(Duration.ofNanos(delays[number])));
    return delays.length;
  }

  private static int locks() {
    var lock = new ReentrantLock();
    for (int i = 0; i < 100_000; i++) {
      lock.lock();
      lock.unlock();
    }
    return 100_000;
  }

  private static int contended() throws InterruptedException {
    var lock = new ReentrantLock();
    all(
        100,
        number -> {
          for (int i = 0; i < 100; i++) {
            lock.lock();
            Thread.yield();
            lock.unlock();
          }
        });
    return 10_000;
  }

  private static int permits() throws InterruptedException {
    var permits = new Semaphore(2);
    for (int i = 0; i < 100_000; i++) {
      permits.acquire();
      permits.release();
    }
    return 100_000;
  }

  /** A thousand futures take turns, since the JIT joins the same one only once. */
  private static int joinsOfDone() {
    var done = new ArrayList<CompletableFuture<Integer>>();
    for (int i = 0; i < 1_000; i++) {
      done.add(CompletableFuture.completedFuture(i));
    }
    int sum = 0;
    for (int i = 0; i < 100; i++) {
      for (CompletableFuture<Integer> future : done) {
        sum += future.join();
      }
    }
    if (sum == 0) {
      throw new IllegalStateException("the results are lost");
    }
    return 100_000;
  }

  private static int joins() {
    for (int i = 0; i < 100_000; i++) {
      var future = new CompletableFuture<Integer>();
      Thread.startVirtualThread(() -> future.complete(1));
      future.join();
    }
    return 100_000;
  }

  private static int posts() throws InterruptedException {
    var callbacks = new LinkedBlockingQueue<Runnable>();
    Thread.ofPlatform()
        .start(() -> {
          for (int i = 0; i < 100_000; i++) {
            callbacks.add(() -> {});
          }
        });
    for (int i = 0; i < 100_000; i++) {
      callbacks.take().run();
    }
    return 100_000;
  }

  private static int roundTrips() throws InterruptedException {
    var questions = new Semaphore(0);
    var answers = new Semaphore(0);
    Thread.ofPlatform()
        .start(() -> {
          for (int i = 0; i < 5_000; i++) {
            questions.release();
            answers.acquireUninterruptibly();
          }
        });
    for (int i = 0; i < 5_000; i++) {
      questions.acquire();
      answers.release();
    }
    return 5_000;
  }

  private static final class Parked implements Sampling.Parking {
    private Thread[] threads = {};
    private CountDownLatch event = new CountDownLatch(1);

    @Override
    public void park(int count) {
      event = new CountDownLatch(1);
      threads = new Thread[count];
      CountDownLatch awaited = event;
      for (int i = 0; i < count; i++) {
        threads[i] = start(i, number -> awaited.await());
      }
      Thread.yield(); // now each of them has run up to where it waits
    }

    @Override
    public void wake() throws InterruptedException {
      event.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      threads = new Thread[0];
    }
  }
}

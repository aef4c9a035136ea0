package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What depends on the machine below. */
@Timeout(60)
class PlatformSurfaceTest {

  @Test
  void freeThreading() {
    int loops = 4;
    var allRun = new CyclicBarrier(loops);
    var allLooked = new CyclicBarrier(loops);
    List<AbstractEventLoop> known = List.of(newLoops(loops));
    var results = new ArrayList<CompletableFuture<Set<Thread>>>();
    for (int i = 0; i < loops; i++) {
      AbstractEventLoop loop = known.get(i);
      AbstractEventLoop neighbour = known.get((i + 1) % loops);
      Thread.Builder builder = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      results.add(
          onThread(builder, () -> loop.runUntilComplete(one(loop, neighbour, allRun, allLooked))));
    }
    Set<Thread> seen = new HashSet<>();
    for (CompletableFuture<Set<Thread>> result : results) {
      for (Thread thread : result.join()) {
        assertTrue(seen.add(thread), "no thread belongs to two loops");
      }
    }
    known.forEach(AbstractEventLoop::close);
  }

  private static AbstractEventLoop[] newLoops(int count) {
    var loops = new AbstractEventLoop[count];
    for (int i = 0; i < count; i++) {
      loops[i] = Asyncio.newEventLoop();
    }
    return loops;
  }

  private static Coroutine<Set<Thread>> one(
      AbstractEventLoop loop,
      AbstractEventLoop neighbour,
      CyclicBarrier allRun,
      CyclicBarrier allLooked) {
    return async(() -> {
      Set<Thread> threads = new HashSet<>();
      Task<?> main = currentTask();
      Task<?> idle = Asyncio.createTask(async(() -> loop.createFuture().await()));
      ticks(1);
      // Between the barriers all loops run, and none makes or ends tasks.
      Asyncio.toThread(() -> allRun.await()).await();
      assertEquals(2, Asyncio.allTasks(neighbour).size());
      Asyncio.toThread(() -> allLooked.await()).await();
      for (int turn = 0; turn < 1000; turn++) {
        assertSame(loop, runningLoop());
        assertSame(main, currentTask());
        threads.add(Thread.currentThread());
        Task<Thread> child = Asyncio.createTask(async(() -> Thread.currentThread()));
        threads.add(child.await());
      }
      idle.cancel();
      ticks(2);
      return threads;
    });
  }

  private static <T> CompletableFuture<T> onThread(Thread.Builder builder, Callable<T> body) {
    var result = new CompletableFuture<T>();
    builder.start(() -> {
      try {
        result.complete(body.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  @Test
  void clockResolution() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          Duration before = loop.time();
          Duration delay = Duration.ofNanos(1_500_000);
          Future<Duration> woken = loop.createFuture();
          loop.callLater(delay, () -> woken.setResult(loop.time()));
          Duration slept = woken.await().minus(before);
          assertTrue(slept.compareTo(delay) >= 0, () -> "woken early, after " + slept);
        }));
  }

  @Test
  void signalsMainThread() {
    Signals.assumed();
    var heardOn = new CompletableFuture<Thread>();
    var loopThread =
        onThread(
            Thread.ofPlatform(),
            () ->
                Asyncio.run(
                    Asyncio.<Thread>async(() -> {
                      AbstractEventLoop loop = runningLoop();
                      Future<Thread> heard = loop.createFuture();
                      loop.addSignalHandler(
                          "WINCH",
                          () -> {
                            assertSame(loop, runningLoop());
                            heard.setResult(Thread.currentThread());
                          });
                      Signals.send("WINCH", ProcessHandle.current().pid());
                      heardOn.complete(heard.await());
                      Future<Thread> own = loop.createFuture();
                      loop.callSoon(() -> own.setResult(Thread.currentThread()));
                      return own.await();
                    })));
    assertSame(loopThread.join(), heardOn.join(), "the loop's thread, which is not the main one");
  }
}

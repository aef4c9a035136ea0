package dev.asyncio;

import static dev.asyncio.Asyncio.asCompleted;
import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createEagerTaskFactory;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.runCoroutineThreadsafe;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.shield;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.taskGroup;
import static dev.asyncio.Asyncio.timeout;
import static dev.asyncio.Asyncio.toThread;
import static dev.asyncio.Asyncio.waitFor;
import static dev.asyncio.Asyncio.waitUntil;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops, tasks and queues of somebody else's. */
@Timeout(60)
class ExtendingSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<Object> log = new ArrayList<>();

  @Test
  void custom_loop() {
    List<CustomLoop> made = new ArrayList<>();
    Supplier<AbstractEventLoop> factory =
        () -> {
          var loop = new CustomLoop(Clock.system());
          made.add(loop);
          return loop;
        };
    Asyncio.run(
        async(() -> {
          assertInstanceOf(CustomLoop.class, runningLoop());
          everythingWorks();
          AbstractEventLoop loop = runningLoop();
          assertEquals(
              7,
              toThread(() -> runCoroutineThreadsafe(sleep(Duration.ofMillis(1), 7), loop).join())
                  .await());
        }),
        RunnerOptions.defaults().loopFactory(factory));
    assertEquals(1, made.size());
    assertTrue(made.getFirst().isClosed());
    assertTrue(made.getFirst().pollerClosed);

    made.clear();
    Asyncio.run(
        async(this::everythingWorks),
        RunnerOptions.defaults().loopFactory(() -> new CustomLoop(new VirtualTime())));
  }

  private void everythingWorks() {
    Duration moment = Duration.ofMillis(1);
    assertEquals(List.of(1, 2), gather(sleep(moment, 1), sleep(moment, 2)).await());
    assertEquals(3, waitFor(shield(sleep(moment, 3)), SECOND).await());
    assertThrows(TimeoutException.class, () -> timeout(moment, () -> sleep(SECOND).await()));
    Task<Integer> task = createTask(sleep(moment, 4));
    assertEquals(1, waitUntil(List.of(task)).await().done().size());
    for (Future<Integer> done : asCompleted(List.of(sleep(moment, 5)))) {
      assertEquals(5, done.result());
    }
    assertThrows(
        ExceptionGroup.class,
        () ->
            taskGroup(group -> {
              group.createTask(sleep(SECOND));
              group.createTask(
                  async(() -> {
                    throw new IllegalArgumentException();
                  }));
            }));
    var queue = new Queue<Integer>(1);
    Task<?> producer =
        createTask(
            async(() -> {
              for (int i = 0; i < 3; i++) {
                queue.put(i).await();
              }
              queue.shutdown();
            }));
    List<Integer> got = new ArrayList<>();
    queue.forEach(got::add);
    assertEquals(List.of(0, 1, 2), got);
    producer.await();
    assertEquals(
        List.of(6),
        AsyncGenerator.<Integer>of(y -> y.yield(sleep(moment, 6).await())).toList().await());
    try (var _ = new Lock().hold().await()) {
      runningLoop().callLater(moment, () -> log.add("timer"));
      sleep(moment.multipliedBy(2)).await();
    }
    assertEquals("timer", log.removeLast());
  }

  /** A task that remembers, and that cannot be renamed. */
  private static final class Traced<T extends @Nullable Object> extends Task<T> {
    private int cancels;

    Traced(AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
      super(loop, coroutine, options);
    }

    @Override
    public boolean cancel(@Nullable String message) {
      cancels++;
      return super.cancel(message);
    }

    @Override
    public void setName(String value) {
      throw new IllegalStateException("keeps its name");
    }
  }

  @Test
  void custom_task() {
    run(() -> {
      runningLoop().setTaskFactory(TaskFactory.of(Traced::new));
      Task<Task<?>> task = createTask(async(() -> currentTask()), "traced");
      assertInstanceOf(Traced.class, task);
      assertEquals("traced", task.getName());
      assertThrows(IllegalStateException.class, () -> task.setName("other"));
      assertTrue(Asyncio.allTasks().contains(task));
      assertSame(task, task.await());
      assertFalse(Asyncio.allTasks().contains(task));

      var sleeping = (Traced<?>) createTask(sleep(SECOND));
      ticks(1);
      sleeping.cancel("enough");
      var cancelled = assertThrows(CancelledError.class, sleeping::await);
      assertEquals("enough", cancelled.getMessage());
      assertEquals(1, sleeping.cancels);
      assertThrows(
          TimeoutException.class,
          () -> waitFor(createTask(sleep(SECOND)), SECOND.dividedBy(2)).await());

      List<Task<?>> children = new ArrayList<>();
      assertThrows(
          ExceptionGroup.class,
          () ->
              taskGroup(group -> {
                children.add(group.createTask(sleep(SECOND)));
                group.createTask(
                    async(() -> {
                      throw new IllegalArgumentException();
                    }));
              }));
      assertEquals(1, ((Traced<?>) children.getFirst()).cancels, "the group cancels by it");

      runningLoop().setTaskFactory(createEagerTaskFactory(Traced::new));
      Task<Integer> eager = createTask(async(() -> 1));
      assertInstanceOf(Traced.class, eager);
      assertTrue(eager.done());
    });
  }

  /** Holds each item once: one that waits already is not added again. */
  private static final class Distinct<T> extends Queue<T> {
    private static final class Storage<T> extends AbstractQueue<T> {
      private final LinkedHashSet<T> items = new LinkedHashSet<>();

      @Override
      public boolean offer(T item) {
        items.add(item);
        return true;
      }

      @Override
      public @Nullable T poll() {
        return items.isEmpty() ? null : items.removeFirst();
      }

      @Override
      public @Nullable T peek() {
        return items.isEmpty() ? null : items.getFirst();
      }

      @Override
      public Iterator<T> iterator() {
        return items.iterator();
      }

      @Override
      public int size() {
        return items.size();
      }
    }

    Distinct(int maxsize) {
      super(maxsize, new Storage<>());
    }
  }

  @Test
  void queue_subclass() {
    run(() -> {
      var queue = new Distinct<String>(2);
      queue.putNowait("a");
      queue.putNowait("a");
      queue.put("b").await();
      assertEquals(2, queue.qsize());
      assertTrue(queue.full());
      assertThrows(QueueFullException.class, () -> queue.putNowait("c"));
      assertThrows(NullPointerException.class, () -> new Distinct<String>(0).putNowait(null));
      Task<?> waiting = createTask(queue.put("c"));
      ticks(1);
      assertEquals("a", queue.get().await());
      waiting.await();
      assertEquals("b", queue.getNowait());
      queue.shutdown(true);
      assertTrue(queue.empty());
      assertThrows(QueueShutDownException.class, queue::getNowait);
    });
  }

  /** A loop whose turns are run by a user interface's, which it must not keep waiting. */
  private static final class Guest extends CustomLoop {
    @Override
    protected void poll(long nanos, Consumer<? super Handle> ready) {
      // what it would wait for, the host waits for
    }

    void runInside(Runnable hostsOwnWork) {
      runForeverSetup();
      try {
        while (!isStopping()) {
          hostsOwnWork.run();
          runOnce();
        }
      } finally {
        runForeverCleanup();
      }
    }
  }

  @Test
  void run_forever_hooks() {
    Thread host = Thread.currentThread();
    var loop = new Guest();
    Task<?> main =
        loop.createTask(
            async(() -> {
              assertSame(loop, runningLoop());
              log.add("begun");
              sleep(Duration.ofMillis(5)).await();
              assertEquals(1, gather(sleep(Duration.ZERO, 1)).await().getFirst());
              log.add("done");
            }));
    main.addDoneCallback(_ -> loop.stop());
    int[] rounds = new int[1];
    for (int i = 0; i < 2; i++) {
      loop.runInside(() -> {
        assertSame(host, Thread.currentThread());
        rounds[0]++;
      });
      assertFalse(loop.isRunning());
      assertNull(AbstractEventLoop.runningOrNull());
      loop.callSoon(loop::stop); // for the second run
    }
    main.result();
    assertEquals(List.of("begun", "done"), log);
    assertTrue(rounds[0] >= 3, "the host had its turns in between");
    loop.callSoon(() -> {
      assertThrows(IllegalStateException.class, () -> loop.runInside(() -> {}), "it runs already");
      loop.stop();
    });
    loop.runForever();
    loop.close();
    assertThrows(IllegalStateException.class, () -> loop.runInside(() -> {}));
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.timeout;
import static dev.asyncio.Asyncio.toThread;
import static dev.asyncio.Asyncio.waitFor;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What all the primitives for synchronization have in common. */
@Timeout(60)
class SyncSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<Object> log = new ArrayList<>();

  /** What a lock and a semaphore of one permit share. */
  private record Gate(Supplier<Coroutine<Boolean>> acquire, Runnable release) {
    static List<Gate> closed() {
      var lock = new Lock();
      lock.acquire().await();
      var semaphore = new Semaphore(1);
      semaphore.acquire().await();
      return List.of(
          new Gate(lock::acquire, lock::release), new Gate(semaphore::acquire, semaphore::release));
    }
  }

  private Task<?> through(Gate gate, String name) {
    return start(() -> {
      gate.acquire().get().await();
      log.add(name);
    });
  }

  @Test
  void lock_fairness() {
    run(() -> {
      for (Gate gate : Gate.closed()) {
        through(gate, "first");
        through(gate, "second");
        ticks(1);
        gate.release().run(); // wakes first, which has not run yet
        Task<?> newcomer =
            createTask(
                async(() -> {
                  gate.acquire().get().await();
                  log.add("newcomer");
                }),
                TaskOptions.defaults().eagerStart(true)); // so it asks before first runs
        ticks(1);
        assertEquals(List.of("first"), log);
        gate.release().run();
        ticks(2);
        gate.release().run();
        newcomer.await();
        assertEquals(List.of("first", "second", "newcomer"), log);
        log.clear();
      }
    });
  }

  @Test
  void cancelled_waiter_hands_over() {
    run(() -> {
      for (Gate gate : Gate.closed()) {
        Task<?> granted = through(gate, "granted");
        Task<?> next = through(gate, "next");
        ticks(1);
        gate.release().run();
        granted.cancel(); // before it runs
        next.await();
        assertTrue(granted.cancelled());
        assertEquals(List.of("next"), log);
        log.clear();
      }
    });
  }

  @Test
  void condition_cancel_reacquires() {
    run(() -> {
      var condition = new Condition();
      Task<?> cancelled =
          start(() -> {
            try (var _ = condition.hold().await()) {
              try {
                condition.waitFor().await();
              } finally {
                assertTrue(condition.locked());
                log.add("has the lock again");
              }
            }
          });
      Task<?> other =
          start(() -> {
            try (var _ = condition.hold().await()) {
              condition.waitFor().await();
              log.add("notified");
            }
          });
      ticks(2);
      condition.hold(() -> condition.signal());
      cancelled.cancel(); // it was chosen
      assertThrows(CancelledError.class, cancelled::await);
      other.await();
      assertEquals(List.of("has the lock again", "notified"), log);
      assertFalse(condition.locked());
    });
  }

  @Test
  void loop_binding() {
    var lock = new Lock();
    var event = new Event();
    var condition = new Condition();
    var semaphore = new Semaphore(0);
    var barrier = new Barrier(2);
    List<Supplier<Coroutine<?>>> waits =
        List.of(
            lock::acquire,
            event::waitFor,
            () -> async(() -> condition.hold(() -> condition.waitFor().await())),
            semaphore::acquire,
            barrier::waitFor);
    run(() -> lock.acquire().await()); // contends with nobody, so it binds to no loop
    run(() -> {
      for (var wait : waits) {
        Task<?> task = createTask(wait.get());
        ticks(2);
        assertFalse(task.done());
        task.cancel();
        assertThrows(CancelledError.class, task::await);
      }
    });
    run(() -> {
      for (var wait : waits) {
        var refused = assertThrows(IllegalStateException.class, () -> wait.get().await());
        assertTrue(
            refused.getMessage().contains("is bound to a different event loop"),
            refused::getMessage);
      }
    });
  }

  @Test
  void not_reentrant() {
    run(() -> {
      var lock = new Lock();
      lock.acquire().await();
      assertThrows(TimeoutException.class, () -> waitFor(lock.acquire(), SECOND).await());
      start(lock::release).await(); // any task may
      assertFalse(lock.locked());
    });
  }

  @Test
  void no_timeouts() {
    for (Class<?> type :
        List.of(
            Lock.class,
            Event.class,
            Condition.class,
            Semaphore.class,
            BoundedSemaphore.class,
            Barrier.class)) {
      for (Method method : type.getDeclaredMethods()) {
        assertFalse(
            Arrays.asList(method.getParameterTypes()).contains(Duration.class), method::toString);
      }
    }
    run(() -> {
      var lock = new Lock();
      lock.acquire().await();
      var condition = new Condition();
      condition.acquire().await();
      for (Supplier<Coroutine<?>> wait :
          List.<Supplier<Coroutine<?>>>of(
              lock::acquire,
              new Event()::waitFor,
              condition::waitFor,
              new Semaphore(0)::acquire,
              new Barrier(2)::waitFor)) {
        assertThrows(TimeoutException.class, () -> waitFor(wait.get(), SECOND).await());
        assertThrows(TimeoutException.class, () -> timeout(SECOND, () -> wait.get().await()));
      }
      assertTrue(condition.locked());
    });
  }

  @Test
  void not_threadsafe() {
    Asyncio.run(
        async(() -> {
          var lock = new Lock();
          AbstractEventLoop loop = runningLoop();
          var refused =
              assertThrows(
                  IllegalStateException.class,
                  () -> toThread(() -> lock.acquire().await()).await());
          assertTrue(
              refused.getMessage().contains("outside of an event loop"), refused::getMessage);
          lock.acquire().await();
          Task<Boolean> waiting = createTask(lock.acquire());
          ticks(1);
          toThread(() -> loop.callSoonThreadsafe(lock::release)).await();
          assertTrue(waiting.await(), "this is the way");
        }));
  }

  @Test
  void barrier_cancel() {
    run(() -> {
      var barrier = new Barrier(2);
      Task<?> leaving = createTask(barrier.waitFor());
      ticks(1);
      assertEquals(1, barrier.nWaiting());
      leaving.cancel();
      assertThrows(CancelledError.class, leaving::await);
      assertEquals(0, barrier.nWaiting());
      assertFalse(barrier.broken());
      Task<Integer> staying = createTask(barrier.waitFor());
      ticks(1);
      assertEquals(1, barrier.waitFor().await());
      assertEquals(0, staying.await());
    });
  }

  @Test
  void barrier_reuse() {
    run(() -> {
      var barrier = new Barrier(2);
      for (int i = 0; i < 4; i++) {
        String name = "party " + i;
        start(() -> {
          barrier.waitFor().await();
          log.add(name);
        });
      }
      ticks(1); // the first two have come, and the other two found it draining
      assertEquals(List.of("party 1"), log);
      sleep(SECOND).await();
      assertEquals(List.of("party 1", "party 0", "party 3", "party 2"), log);
    });
  }

  @Test
  void uncontended_no_suspend() {
    run(() -> {
      start(() -> log.add("the loop turned"));
      var lock = new Lock();
      assertTrue(lock.acquire().await());
      lock.release();
      try (var _ = lock.hold().await()) {
        assertTrue(lock.locked());
      }
      var semaphore = new Semaphore(2);
      assertTrue(semaphore.acquire().await());
      assertTrue(semaphore.acquire().await());
      assertEquals(List.of(), log);
    });
  }
}

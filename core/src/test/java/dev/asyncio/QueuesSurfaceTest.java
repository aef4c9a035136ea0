package dev.asyncio;

import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What all queues have in common. */
@Timeout(60)
class QueuesSurfaceTest {
  private static final List<IntFunction<Queue<Integer>>> KINDS =
      List.of(Queue::new, LifoQueue::new, PriorityQueue::new);

  @Test
  void cancel_safe() {
    run(() -> {
      for (var kind : KINDS) {
        Queue<Integer> queue = kind.apply(1);
        Task<?> chosen = createTask(queue.get());
        Task<Integer> next = createTask(queue.get());
        ticks(1);
        queue.putNowait(1);
        chosen.cancel(); // before it runs
        assertEquals(1, next.await());
        assertTrue(chosen.cancelled());

        queue.putNowait(2);
        Task<?> putting = createTask(queue.put(3));
        Task<?> nextToPut = createTask(queue.put(4));
        ticks(1);
        assertEquals(2, queue.getNowait());
        putting.cancel();
        nextToPut.await();
        assertTrue(putting.cancelled());
        assertEquals(4, queue.getNowait());
        assertTrue(queue.empty());
      }
    });
  }

  @Test
  void fifo_waiters() {
    run(() -> {
      for (var kind : KINDS) {
        Queue<Integer> queue = kind.apply(1);
        var getters =
            List.of(createTask(queue.get()), createTask(queue.get()), createTask(queue.get()));
        ticks(1);
        for (int i = 0; i < 3; i++) {
          queue.put(i).await();
        }
        assertEquals(List.of(0, 1, 2), gather(getters).await());

        queue.putNowait(0);
        List<Task<?>> putters =
            List.of(createTask(queue.put(1)), createTask(queue.put(2)), createTask(queue.put(3)));
        ticks(1);
        for (int i = 0; i < 4; i++) {
          assertEquals(i, queue.get().await());
          assertEquals(i, putters.stream().filter(Task::done).count());
          ticks(1);
        }
      }
    });
  }

  @Test
  void shutdown_wakes_all() {
    run(() -> {
      for (var kind : KINDS) {
        Queue<Integer> empty = kind.apply(1);
        Queue<Integer> full = kind.apply(1);
        full.putNowait(1);
        List<Task<?>> waiting =
            List.of(
                createTask(empty.get()),
                createTask(empty.get()),
                createTask(full.put(2)),
                createTask(full.put(3)));
        ticks(1);
        empty.shutdown();
        full.shutdown();
        for (Task<?> task : waiting) {
          assertThrows(QueueShutDownException.class, task::await);
        }
        assertEquals(1, full.getNowait(), "what is in it can still be taken");
        assertThrows(QueueShutDownException.class, full::getNowait);
      }
    });
  }

  @Test
  void immediate_join() {
    run(() -> {
      for (var kind : KINDS) {
        Queue<Integer> queue = kind.apply(0);
        for (int i = 0; i < 3; i++) {
          queue.putNowait(i);
        }
        queue.getNowait();
        Task<?> joining = createTask(queue.join());
        ticks(1);
        queue.shutdown(true);
        assertTrue(queue.empty());
        ticks(2);
        assertFalse(joining.done(), "the item that was taken is still open");
        queue.taskDone();
        joining.await();
        assertThrows(IllegalArgumentException.class, queue::taskDone);
      }
    });
  }

  @Test
  void size_exact() {
    run(() -> {
      for (var kind : KINDS) {
        Queue<Integer> queue = kind.apply(2);
        assertTrue(queue.empty());
        queue.putNowait(1);
        assertEquals(1, queue.qsize());
        queue.putNowait(2);
        assertEquals(2, queue.qsize());
        assertTrue(queue.full());
        Task<?> putting = createTask(queue.put(3));
        ticks(1);
        assertEquals(2, queue.qsize(), "what waits to be put is not in it");
        queue.getNowait();
        assertEquals(1, queue.qsize(), "nor does it come in before its task has run");
        putting.await();
        assertEquals(2, queue.qsize());
      }
    });
  }

  @Test
  void loop_binding() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(1);
      run(() -> queue.put(1).await()); // need not wait, so it binds to no loop
      run(() -> {
        queue.getNowait();
        Task<?> waiting = createTask(queue.get());
        ticks(1);
        waiting.cancel();
        assertThrows(CancelledError.class, waiting::await);
      });
      run(() -> {
        var refused = assertThrows(IllegalStateException.class, () -> queue.get().await());
        assertTrue(
            refused.getMessage().contains("is bound to a different event loop"),
            refused::getMessage);
      });
    }
  }
}

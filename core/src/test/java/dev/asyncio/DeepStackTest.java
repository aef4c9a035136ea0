package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Coroutines call each other as deep as methods do. */
@Timeout(60)
class DeepStackTest {

  private static Coroutine<Integer> depth(int levels) {
    return async(() -> {
      if (levels == 0) {
        ticks(3);
        return 0;
      }
      return 1 + depth(levels - 1).await();
    });
  }

  @Test
  void coroutines_suspend_as_deep_as_pythons_recursion_limit() {
    Carried.assumed("elsewhere the JVM's own carrier threads set the limit, at some hundred calls");
    run(() -> {
      var tasks = new ArrayList<Task<Integer>>();
      for (int i = 0; i < 10; i++) {
        tasks.add(createTask(depth(1000)));
      }
      for (Task<Integer> task : tasks) {
        assertEquals(1000, task.await());
      }
    });
  }

  @Test
  void coroutines_suspend_a_hundred_calls_deep_on_either_engine() {
    run(() -> assertEquals(100, createTask(depth(100)).await()));
  }

  @Test
  void however_deep_it_is_a_task_ends_with_its_result_or_with_a_stack_overflow() {
    Carried.assumed("the portable engine has to wait with its carrier thread where this happens");
    run(() -> {
      boolean failed = false;
      for (int levels = 1000; !failed; levels *= 2) {
        Task<Integer> deep = createTask(depth(levels));
        try {
          assertEquals(levels, deep.await());
        } catch (StackOverflowError e) {
          failed = true;
        }
        assertTrue(deep.done());
        assertEquals(10, createTask(depth(10)).await(), "the loop goes on");
      }
    });
  }

  @Test
  void a_stack_overflow_is_the_failure_of_its_task_and_the_loop_goes_on() {
    run(() -> {
      var log = new ArrayList<String>();
      Task<?> endless = start(DeepStackTest::recurse);
      start(() -> log.add("another task"));
      assertThrows(StackOverflowError.class, endless::await);
      ticks(1);
      assertEquals(List.of("another task"), log);
      assertEquals(100, createTask(depth(100)).await());
    });
  }

  @SuppressWarnings("InfiniteRecursion")
  private static void recurse() {
    async(DeepStackTest::recurse).await();
  }

  @Test
  void a_chain_of_ten_thousand_tasks_that_await_each_other_ends() {
    run(() -> {
      Task<Integer> last = createTask(async(() -> 0));
      for (int i = 0; i < 10_000; i++) {
        Task<Integer> before = last;
        last = createTask(async(() -> 1 + before.await()));
      }
      assertEquals(10_000, last.await());
    });
  }

  @Test
  void cancelling_the_last_of_a_thousand_tasks_that_await_each_other_cancels_them_all() {
    run(() -> {
      var tasks = new ArrayList<Task<?>>();
      Future<String> never = Asyncio.runningLoop().createFuture();
      tasks.add(start(() -> never.await()));
      for (int i = 0; i < 1000; i++) {
        Task<?> before = tasks.getLast();
        tasks.add(start(() -> before.await()));
      }
      ticks(2);
      tasks.getLast().cancel();
      assertThrows(CancelledError.class, tasks.getLast()::await);
      assertEquals(1001, tasks.stream().filter(Task::cancelled).count());
    });
  }
}

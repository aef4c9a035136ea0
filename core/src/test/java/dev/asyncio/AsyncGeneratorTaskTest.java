package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.timeout;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A generator in the task that iterates it. */
@Timeout(60)
class AsyncGeneratorTaskTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<Object> log = new ArrayList<>();

  private static AsyncGenerator<Integer> countdown(int from) {
    return AsyncGenerator.of(y -> {
      for (int i = from; i > 0; i--) {
        sleep(SECOND).await();
        y.yield(i);
      }
    });
  }

  // ---- the task it runs in

  @Test
  void the_body_runs_in_the_task_and_the_context_of_who_asks() {
    var var = new ContextVar<>("var", "unset");
    run(() -> {
      Task<?> me = currentTask();
      AsyncGenerator<String> generator =
          AsyncGenerator.of(y -> {
            assertSame(me, currentTask());
            y.yield(var.get());
            sleep(SECOND).await();
            assertSame(me, currentTask());
            var.set("by the body");
            y.yield(var.get());
            y.yield(var.get());
          });
      var.set("outside");
      assertEquals("outside", generator.next());
      assertEquals("by the body", generator.next());
      assertEquals("by the body", var.get(), "it is one context");
      Context other = Context.copyContext();
      assertEquals(
          "another",
          other.run(() -> {
            var.set("another");
            return generator.next();
          }));
      assertEquals("by the body", var.get());
      assertFalse(generator.hasNext());
    });
  }

  @Test
  void a_timeout_around_the_loop_reaches_the_body() {
    run(() -> {
      assertThrows(
          TimeoutException.class,
          () ->
              timeout(
                  Duration.ofMillis(2500),
                  () -> {
                    for (int i : countdown(9)) {
                      log.add(i);
                    }
                  }));
      assertEquals(List.of(9, 8), log);
    });
  }

  @Test
  void cancelling_the_task_cancels_the_wait_in_the_body() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            try {
              y.yield(1);
              sleep(SECOND).await();
            } catch (CancelledError e) {
              log.add("body " + e.getMessage());
              sleep(SECOND).await(); // a clean-up may wait
              throw e;
            }
          });
      Task<?> consumer =
          start(() -> {
            try {
              generator.forEach(log::add);
            } catch (CancelledError e) {
              log.add("consumer " + e.getMessage());
              throw e;
            }
          });
      ticks(1);
      consumer.cancel("enough");
      assertThrows(CancelledError.class, consumer::await);
      assertEquals(List.of(1, "body enough", "consumer enough"), log);
      assertFalse(generator.hasNext());
    });
  }

  @Test
  void the_body_may_refuse_a_cancellation_and_yield_on() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            try {
              sleep(SECOND).await();
            } catch (CancelledError e) {
              y.yield(1);
            }
          });
      Task<List<Integer>> consumer = createTask(generator.toList());
      ticks(1);
      consumer.cancel();
      assertEquals(List.of(1), consumer.await());
    });
  }

  @Test
  void cancelling_the_task_elsewhere_leaves_the_generator_where_it_stands() {
    run(() -> {
      AsyncGenerator<Integer> generator = countdown(3);
      Task<?> consumer =
          start(() -> {
            generator.next();
            sleep(Duration.ofHours(1)).await();
          });
      sleep(Duration.ofSeconds(5)).await();
      consumer.cancel();
      assertThrows(CancelledError.class, consumer::await);
      assertEquals(2, generator.next());
      generator.aclose().await();
    });
  }

  @Test
  void an_eager_task_may_begin_one_and_leave_it_waiting() {
    run(() -> {
      Task<List<Integer>> eager =
          createTask(countdown(2).toList(), TaskOptions.defaults().eagerStart(true));
      log.add(currentTask() == eager ? "swapped" : "mine");
      assertEquals(List.of(2, 1), eager.await());
      assertEquals(List.of("mine"), log);
    });
  }

  @Test
  void the_body_may_make_tasks_eager_ones_too() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            for (boolean eager : List.of(false, true)) {
              Task<Integer> task =
                  createTask(
                      sleep(SECOND, eager ? 1 : 0), TaskOptions.defaults().eagerStart(eager));
              y.yield(task.await());
            }
          });
      assertEquals(List.of(0, 1), generator.toList().await());
    });
  }

  @Test
  void a_blocking_call_in_the_body_lets_the_loop_go_on_and_is_interrupted_by_a_cancellation() {
    Asyncio.run(
        async(() -> {
          assumeTrue(runningLoop().engineKind() == EngineKind.CARRIED);
          var never = new CountDownLatch(1);
          AsyncGenerator<Integer> generator =
              AsyncGenerator.of(y -> {
                y.yield(1);
                try {
                  never.await();
                } finally {
                  log.add("interrupted");
                }
              });
          Task<?> consumer = start(() -> generator.forEach(log::add));
          ticks(3); // the loop goes on
          assertEquals(List.of(1), log);
          assertFalse(consumer.done());
          consumer.cancel();
          assertThrows(CancelledError.class, consumer::await);
          assertEquals(List.of(1, "interrupted"), log);
          assertFalse(Thread.interrupted());

          var soon = new CountDownLatch(1);
          AsyncGenerator<Integer> blocking =
              AsyncGenerator.of(y -> {
                soon.await();
                y.yield(2);
                sleep(Duration.ZERO).await();
                y.yield(3);
              });
          Task<List<Integer>> eager =
              createTask(blocking.toList(), TaskOptions.defaults().eagerStart(true));
          ticks(2);
          soon.countDown();
          assertEquals(List.of(2, 3), eager.await());
        }));
  }

  @Test
  void what_the_body_holds_in_thread_locals_is_its_own() {
    var local = new ThreadLocal<String>();
    run(() -> {
      local.set("the task's");
      AsyncGenerator<String> generator =
          AsyncGenerator.of(y -> {
            y.yield(String.valueOf(local.get()));
            local.set("the body's");
            sleep(SECOND).await();
            y.yield(local.get());
          });
      assertEquals(List.of("null", "the body's"), generator.toList().await());
      assertEquals("the task's", local.get());
      assertEquals(
          List.of("null"),
          AsyncGenerator.<String>of(y -> y.yield(String.valueOf(local.get()))).toList().await(),
          "what another body held is not seen");
    });
  }

  @Test
  void the_stack_of_the_task_shows_body_and_consumer() {
    run(() -> {
      Task<?> consumer = start(AsyncGeneratorTaskTest::consume);
      ticks(1);
      List<String> methods =
          consumer.getStack().stream().map(StackTraceElement::getMethodName).toList();
      int body = methods.indexOf("produce");
      assertTrue(body >= 0 && body < methods.indexOf("consume"), methods::toString);
      consumer.await();
    });
  }

  private static void consume() {
    AsyncGenerator.<Integer>of(AsyncGeneratorTaskTest::produce).forEach(_ -> {});
  }

  private static void produce(AsyncGenerator.Yielder<Integer> y) {
    sleep(SECOND).await();
    y.yield(1);
  }
}

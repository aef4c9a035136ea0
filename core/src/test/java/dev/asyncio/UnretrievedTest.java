package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.gatherReturningExceptions;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No exception gets lost: what nobody looks at goes to the exception handler. */
@Timeout(60)
class UnretrievedTest {
  private final List<ExceptionContext> reports = new ArrayList<>();

  private void run(Action body) {
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          body.run();
        }),
        VirtualTime.options());
  }

  private static Task<?> failing(Exception failure) {
    return start(() -> {
      throw failure;
    });
  }

  @Test
  void one_that_nobody_looks_at_is_reported_when_the_loop_closes_at_the_latest() {
    var failure = new IOException("unseen");
    var kept = new ArrayList<Task<?>>(); // so that it does not become garbage before
    run(() -> {
      kept.add(failing(failure));
      kept.getFirst().setName("careless");
      ticks(2);
      assertEquals(List.of(), reports);
    });
    assertEquals(1, reports.size());
    assertSame(failure, reports.getFirst().exception());
    String message = reports.getFirst().message();
    assertTrue(message.startsWith("Task name='careless' coro="), message);
    assertTrue(message.endsWith(" exception was never retrieved"), message);
    assertSame(failure, kept.getFirst().exception());
    assertEquals(1, reports.size(), "once");
  }

  @Test
  void one_is_seen_by_awaiting_asking_gathering_and_adding_to_a_group() {
    run(() -> {
      Task<?> awaited = failing(new IOException());
      assertThrows(IOException.class, awaited::await);
      Task<?> asked = failing(new IOException());
      Task<?> resulted = failing(new IOException());
      ticks(2);
      assertTrue(asked.exception() instanceof IOException);
      assertThrows(IOException.class, resulted::result);
      Task<?> first = failing(new IOException());
      Task<?> second = failing(new IOException());
      assertThrows(IOException.class, () -> gather(first, second).await());
      gatherReturningExceptions(failing(new IOException())).await();
      assertThrows(
          ExceptionGroup.class,
          () ->
              TaskGroup.run(group -> {
                group.createTask(
                    async(() -> {
                      throw new IOException();
                    }));
              }));
      ticks(2);
    });
    assertEquals(List.of(), reports);
  }

  @Test
  void waiting_without_looking_is_not_enough() {
    run(() -> {
      Task<?> task = failing(new IOException("unseen"));
      assertEquals(1, Asyncio.waitUntil(List.of(task)).await().done().size());
    });
    assertEquals(1, reports.size());
  }

  @Test
  void a_gathering_that_nobody_awaits_is_reported_once() {
    var failure = new IOException("of a child");
    run(() -> {
      Future<?> unseen = gather(failing(failure));
      ticks(5);
      assertTrue(unseen.done());
    });
    assertEquals(1, reports.size());
    assertSame(failure, reports.getFirst().exception());
  }

  @Test
  void a_cancelled_task_is_nothing_to_report() {
    run(() -> {
      Task<?> task = start(() -> runningLoop().createFuture().await());
      ticks(1);
      task.cancel();
      ticks(2);
    });
    assertEquals(List.of(), reports);
  }

  @Test
  void errors_that_are_not_exceptions_are_kept_and_reported_like_others() {
    var failure = new StackOverflowError("not an Exception");
    run(() -> {
      createTask(
          async(() -> {
            throw failure;
          }));
      ticks(2);
    });
    assertSame(failure, reports.getFirst().exception());
  }

  @Test
  void without_a_handler_it_is_logged_with_its_trace() {
    var failure = new IOException("logged");
    try (var logged = new AsyncioLog()) {
      Asyncio.run(
          async(() -> {
            failing(failure);
            ticks(2);
          }));
      assertEquals(List.of(failure), logged.exceptions());
      assertTrue(
          logged.messages().getFirst().endsWith("exception was never retrieved"),
          () -> logged.messages().toString());
    }
  }

  @Test
  void thousands_of_failures_that_were_seen_leave_nothing_behind() {
    run(() -> {
      for (int i = 0; i < 5000; i++) {
        Task<?> task = failing(new IOException());
        assertThrows(IOException.class, task::await);
      }
      assertEquals(0, runningLoop().ending.expected().size());
    });
    assertEquals(List.of(), reports);
  }
}

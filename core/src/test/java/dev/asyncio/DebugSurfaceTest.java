package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What debug mode notices. */
@Timeout(60)
class DebugSurfaceTest {
  private final List<ExceptionContext> reports = new ArrayList<>();

  private void run(boolean debug, Action body) {
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          body.run();
        }),
        VirtualTime.options().debug(debug));
  }

  private static Coroutine<?> greet() {
    return async(() -> {});
  }

  @Test
  @SuppressWarnings("CheckReturnValue") // the mistake that is to be noticed
  void neverAwaited() {
    run(
        true,
        () -> {
          greet();
          ticks(1);
          new Lock().acquire();
        });
    assertEquals(2, reports.size(), reports::toString);
    List<String> messages = reports.stream().map(ExceptionContext::message).sorted().toList();
    assertTrue(
        messages
            .getFirst()
            .contains(
                "coroutine 'dev.asyncio.DebugSurfaceTest.greet' was never awaited; await(…) it"),
        messages::toString);
    assertTrue(
        messages.getLast().contains("coroutine 'dev.asyncio.Lock.acquire' was never awaited"),
        messages::toString);
    String whole = reports.toString();
    assertTrue(whole.contains("Object created at"), whole);
    assertTrue(whole.contains("DebugSurfaceTest.lambda$neverAwaited"), whole);
  }

  @Test
  @SuppressWarnings("CheckReturnValue")
  void a_coroutine_that_was_dropped_is_reported_while_the_loop_runs_once_it_is_garbage() {
    run(
        true,
        () -> {
          greet();
          while (reports.isEmpty()) {
            System.gc();
            Asyncio.sleep(Duration.ofMillis(1)).await();
          }
        });
    assertEquals(1, reports.size());
  }

  @Test
  void a_coroutine_that_was_awaited_or_closed_or_made_a_task_is_nothing_to_report() {
    run(
        true,
        () -> {
          greet().await();
          greet().close();
          createTask(greet()).await();
          Task<?> cancelledTooEarly = createTask(greet());
          cancelledTooEarly.cancel();
          ticks(2);
        });
    assertEquals(List.of(), reports);
  }

  @Test
  void unclosedLoop() {
    try (var log = new AsyncioLog()) {
      openAndForget();
      while (log.messages().stream().noneMatch(text -> text.startsWith("unclosed event loop <"))) {
        System.gc();
        Thread.onSpinWait();
      }
      assertTrue(log.texts().toString().contains("DebugSurfaceTest.openAndForget("));
    }
  }

  private static void openAndForget() {
    Asyncio.newEventLoop().setDebug(true);
  }

  @Test
  @SuppressWarnings("CheckReturnValue")
  void outside_of_debug_mode_nobody_looks() {
    run(false, () -> greet());
    assertEquals(List.of(), reports);
  }
}

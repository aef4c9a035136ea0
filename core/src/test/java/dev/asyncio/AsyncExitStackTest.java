package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AsyncExitStackTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> log = new ArrayList<>();

  private AsyncContextManager<String> resource(String name) {
    return AsyncContextManager.of(y -> {
      sleep(SECOND).await();
      log.add("open " + name);
      try {
        y.yield(name);
      } finally {
        sleep(SECOND).await();
        log.add("close " + name);
      }
    });
  }

  @Test
  void what_was_entered_is_left_in_reverse() {
    run(() -> {
      String result =
          AsyncExitStack.run(stack -> {
            String a = stack.enterAsyncContext(resource("a")).await();
            AutoCloseable b = stack.enterContext(() -> log.add("close b"));
            assertEquals(AutoCloseable.class, b.getClass().getInterfaces()[0]);
            String c = stack.enterAsyncContext(resource("c")).await();
            return a + c;
          });
      assertEquals("ac", result);
      assertEquals(List.of("open a", "open c", "close c", "close b", "close a"), log);
    });
  }

  @Test
  void the_body_error_passes_when_no_exit_swallows_it() {
    run(() -> {
      var error = new IOException("gone");
      assertSame(
          error,
          assertThrows(
              IOException.class,
              () ->
                  AsyncExitStack.run((AsyncExitStack stack) -> {
                    stack.enterAsyncContext(resource("a")).await();
                    throw error;
                  })));
      assertEquals(List.of("open a", "close a"), log);
      assertEquals(0, error.getSuppressed().length);
    });
  }

  @Test
  void an_exit_may_swallow_the_error_and_those_before_it_see_none() {
    run(() -> {
      List<Throwable> seen = new ArrayList<>();
      String result =
          AsyncExitStack.<String>run((AsyncExitStack stack) -> {
            stack.push(seen::add);
            stack.push(error -> error instanceof IOException);
            throw new IOException("gone");
          });
      assertNull(result);
      assertEquals(1, seen.size());
      assertNull(seen.getFirst());

      AsyncExitStack.run(stack -> {
        stack.push(error -> error instanceof IOException);
        stack.push(_ -> {
          throw new IOException("by a clean-up");
        });
      });
    });
  }

  @Test
  void pop_all_moves_the_clean_ups_to_another_stack() {
    run(() -> {
      AsyncExitStack kept =
          AsyncExitStack.run(stack -> {
            stack.callback(() -> log.add("first"));
            stack.enterAsyncContext(resource("a")).await();
            return stack.popAll();
          });
      assertEquals(List.of("open a"), log);
      kept.aclose().await();
      assertEquals(List.of("open a", "close a", "first"), log);
      kept.aclose().await();
      assertEquals(3, log.size(), "nothing is done twice");
    });
  }

  @Test
  void a_cancelled_clean_up_does_not_keep_the_rest_from_being_done() {
    run(() -> {
      Task<?> task =
          createTask(
              async(() ->
                  AsyncExitStack.run(stack -> {
                    stack.enterAsyncContext(resource("a")).await();
                    stack.pushAsyncCallback(() -> sleep(Duration.ofHours(1)));
                  })));
      sleep(SECOND.multipliedBy(5)).await();
      task.cancel();
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of("open a", "close a"), log);
    });
  }

  @Test
  void a_manager_that_fails_to_enter_is_not_left() {
    run(() -> {
      assertThrows(
          IOException.class,
          () ->
              AsyncExitStack.run((AsyncExitStack stack) -> {
                stack
                    .enterAsyncContext(
                        AsyncContextManager.<String>of(_ -> {
                          ticks(1);
                          throw new IOException("no entry");
                        }))
                    .await();
              }));
      var stack = new AsyncExitStack();
      stack.pushAsyncExit(resource("entered elsewhere"));
      assertEquals("<AsyncExitStack of 1>", stack.toString());
    });
  }
}

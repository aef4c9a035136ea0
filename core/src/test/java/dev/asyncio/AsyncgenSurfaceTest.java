package dev.asyncio;

import static dev.asyncio.Asyncio.aclosing;
import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to asynchronous generators that are not iterated to their end. */
@Timeout(60)
class AsyncgenSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> log = new ArrayList<>();

  /** Counts up for ever, one a second; says when it is closed, which takes a second. */
  private AsyncGenerator<Integer> counting() {
    return AsyncGenerator.of(y -> {
      try {
        for (int i = 0; ; i++) {
          y.yield(i);
          sleep(SECOND).await();
        }
      } finally {
        sleep(SECOND).await();
        log.add("closed");
      }
    });
  }

  @Test
  void closed_at_shutdown() {
    List<ExceptionContext> reports = new ArrayList<>();
    AsyncGenerator<Integer> first = counting();
    AsyncGenerator<Integer> failing =
        AsyncGenerator.of(y -> {
          try {
            y.yield(1);
          } finally {
            fail("in clean-up");
          }
        });
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((loop, context) -> reports.add(context));
          first.next();
          failing.next();
        }),
        VirtualTime.options());
    assertEquals(List.of("closed"), log);
    assertFalse(first.toString().contains("suspended"), first::toString);
    assertEquals(1, reports.size());
    assertTrue(
        reports
            .getFirst()
            .message()
            .startsWith("an error occurred during closing of asynchronous generator"));
    assertEquals("in clean-up", reports.getFirst().exception().getMessage());
  }

  @Test
  void closed_when_dropped() {
    var closer = new AtomicReference<Task<?>>();
    run(() -> {
      Task<?> consumer = currentTask();
      iterateOnceAndDrop(closer);
      while (closer.get() == null) {
        System.gc();
        sleep(Duration.ofMillis(1)).await(); // virtual: only lets the loop look at its inbox
      }
      assertNotSame(consumer, closer.get(), "closed by a task of its own");
      assertSame(consumer.getLoop(), closer.get().getLoop());
    });
  }

  private static void iterateOnceAndDrop(AtomicReference<Task<?>> closer) {
    AsyncGenerator<Integer> generator =
        AsyncGenerator.of(y -> {
          try {
            y.yield(1);
          } finally {
            closer.set(currentTask());
          }
        });
    assertEquals(1, generator.next());
  }

  @Test
  void no_concurrent_use() {
    run(() -> {
      AsyncGenerator<Integer> generator = counting();
      generator.next();
      Task<Boolean> user = createTask(async(() -> generator.hasNext()));
      ticks(1);
      for (Action use :
          List.<Action>of(
              generator::next,
              () -> generator.asend(null).await(),
              () -> generator.athrow(new IllegalArgumentException()).await(),
              () -> generator.aclose().await())) {
        var refused = assertThrows(IllegalStateException.class, use::run);
        assertTrue(
            refused.getMessage().contains("asynchronous generator is already running"),
            refused::getMessage);
      }
      user.await();
      assertEquals(1, generator.next(), "the first user was not disturbed");
      generator.aclose().await();
    });
  }

  @Test
  void early_exit_needs_aclosing() {
    run(() -> {
      AsyncGenerator<Integer> left = counting();
      for (int i : left) {
        if (i == 1) {
          break;
        }
      }
      ticks(10);
      assertEquals(List.of(), log, "break does not close");
      assertEquals(2, left.next(), "it can be gone on with");
      left.aclose().await();
      log.clear();

      Task<?> me = currentTask();
      try (var closing =
          aclosing(
              AsyncGenerator.<Integer>of(y -> {
                try {
                  y.yield(1);
                } finally {
                  sleep(SECOND).await();
                  log.add(currentTask() == me ? "closed in the same task" : "elsewhere");
                }
              }))) {
        for (int i : closing) {
          assertEquals(1, i);
          break;
        }
        assertEquals(List.of(), log);
      }
      assertEquals(List.of("closed in the same task"), log);
    });
  }

  @Test
  void create_inside_loop() {
    AsyncGenerator<Integer> untouched = counting();
    AsyncGenerator<Integer> generator = counting();
    assertThrows(IllegalStateException.class, generator::hasNext, "no loop, no task");
    var first = Asyncio.newEventLoop();
    try {
      assertThrows(
          IllegalStateException.class,
          generator::hasNext,
          "a loop that does not run is none to be tracked by");
    } finally {
      first.close();
    }
    run(() -> {
      assertTrue(untouched.toString().contains("created"), untouched::toString);
      runningLoop().shutdownAsyncgens().await();
      assertTrue(untouched.toString().contains("created"), "it was not tracked");
    });
    run(() -> {
      assertEquals(0, generator.next());
      runningLoop().shutdownAsyncgens().await();
      assertEquals(List.of("closed"), log, "the loop of its first iteration tracks it");
      assertFalse(generator.hasNext());
    });
    assertNotNull(untouched);
  }
}

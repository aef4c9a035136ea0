package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A coroutine that suspends where its stack cannot be unmounted is told so, and the loop goes on.
 */
@Timeout(60)
class PinnedTest {
  private static final String WHY = "the portable engine waits with the thread and notices nothing";

  private final List<String> log = new ArrayList<>();

  private static void assertSays(Throwable refused, String place) {
    assertInstanceOf(IllegalStateException.class, refused);
    assertTrue(refused.getMessage().startsWith("await cannot suspend here"), refused::toString);
    assertTrue(
        Arrays.stream(refused.getStackTrace())
            .anyMatch(
                frame -> (frame.getClassName() + "." + frame.getMethodName()).contains(place)),
        () -> Arrays.toString(refused.getStackTrace()));
  }

  private static final class AwaitsAFuture {
    static {
      runningLoop().createFuture().await();
    }

    static void touch() {}
  }

  @Test
  void in_a_class_initialiser() {
    Carried.assumed(WHY);
    run(() -> {
      start(() -> log.add("another task"));
      Task<?> pinned = start(AwaitsAFuture::touch);
      var error = assertThrows(ExceptionInInitializerError.class, pinned::await);
      assertSays(error.getCause(), "AwaitsAFuture.<clinit>");
      ticks(1);
      assertEquals(List.of("another task"), log);
    });
  }

  private static final class Yields {
    static final List<String> LOG = new ArrayList<>();

    static {
      try {
        ticks(1);
      } catch (IllegalStateException e) {
        LOG.add("refused");
      }
    }
  }

  @Test
  void a_refused_await_can_be_caught_and_the_coroutine_suspends_elsewhere() {
    Carried.assumed(WHY);
    run(() -> {
      Task<String> task =
          createTask(
              async(() -> {
                log.addAll(Yields.LOG);
                ticks(3);
                return "went on";
              }));
      assertEquals("went on", task.await());
      assertEquals(List.of("refused"), log);
    });
  }

  private static final class StartsATask {
    static final List<String> LOG = new ArrayList<>();
    static final Task<?> TASK =
        createTask(
            async(() -> {
              ticks(1);
              LOG.add("ran");
            }),
            TaskOptions.defaults().eagerStart(true));
  }

  @Test
  void a_task_that_cannot_start_eagerly_starts_in_the_next_turn() {
    Carried.assumed(WHY);
    run(() -> {
      StartsATask.TASK.await();
      assertEquals(List.of("ran"), StartsATask.LOG);
    });
  }

  private static final class StartsACancelledTask {
    static final List<String> LOG = new ArrayList<>();
    static final Task<?> TASK =
        createTask(async(() -> LOG.add("ran")), TaskOptions.defaults().eagerStart(true));
  }

  @Test
  void and_does_not_start_at_all_if_it_is_cancelled_before() {
    Carried.assumed(WHY);
    run(() -> {
      StartsACancelledTask.TASK.cancel();
      assertThrows(CancelledError.class, StartsACancelledTask.TASK::await);
      assertEquals(List.of(), StartsACancelledTask.LOG);
    });
  }

  private static final class InDebugMode {
    static {
      ticks(1);
    }

    static void touch() {}
  }

  @Test
  void debug_mode_tells_it_on_either_engine() {
    run(() -> {
      runningLoop().setDebug(true);
      var error = assertThrows(ExceptionInInitializerError.class, InDebugMode::touch);
      assertSays(error.getCause(), "InDebugMode.<clinit>");
    });
  }

  @Test
  void under_a_native_frame() throws IOException, InterruptedException {
    Carried.assumed(WHY);
    var outcome = ChildJvm.run(NativeFrameProgram.class);
    assertEquals(
        List.of("refused at compareAndAwait", "sorted", "another task", "went on"),
        outcome.out(),
        outcome.err());
  }
}

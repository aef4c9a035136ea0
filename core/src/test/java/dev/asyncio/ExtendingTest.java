package dev.asyncio;

import static dev.asyncio.Asyncio.allTasks;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.getEventLoop;
import static dev.asyncio.Asyncio.newEventLoop;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.setEventLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.transport.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExtendingTest {
  private final List<Object> log = new ArrayList<>();

  /** Schedules itself when it is made, as CPython's tasks do. */
  private static final class SelfStarting<T extends @Nullable Object> extends Task<T> {
    SelfStarting(AbstractEventLoop loop, Coroutine<T> coroutine) {
      super(loop, coroutine, TaskOptions.defaults());
    }

    SelfStarting<T> schedule() {
      Extending.registerTask(this);
      Extending.registerTask(this); // once more changes nothing
      getLoop().callSoon(this);
      return this;
    }
  }

  @Test
  void a_task_that_schedules_itself_registers_itself() {
    run(() -> {
      var task = new SelfStarting<>(runningLoop(), sleep(Duration.ofSeconds(1), "slept"));
      assertFalse(allTasks().contains(task));
      task.schedule();
      assertEquals(List.of(currentTask(), task), allTasks());
      Extending.unregisterTask(task);
      assertEquals(List.of(currentTask()), allTasks());
      Extending.registerTask(task);
      Task<?> later = start(() -> {});
      assertEquals(List.of(currentTask(), task, later), allTasks());
      assertEquals("slept", task.await());
      assertEquals(List.of(currentTask()), allTasks());
    });
  }

  @Test
  void a_loop_without_a_network_says_so_and_names_one_that_has() {
    try (var loop = new CustomLoop()) {
      var refused =
          assertThrows(
              UnsupportedOperationException.class,
              () ->
                  loop.createServer(
                      () -> new Protocol() {}, List.of(), 0, ServerOptions.defaults()));
      assertEquals(
          "dev.asyncio.CustomLoop has no createServer(); SelectorEventLoop has",
          refused.getMessage());
    }
  }

  @Test
  void a_stepper_says_which_task_is_the_current_one() {
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      Task<?> mine = currentTask();
      Task<?> other = start(() -> {});
      var refused =
          assertThrows(IllegalStateException.class, () -> Extending.enterTask(loop, other));
      assertTrue(refused.getMessage().startsWith("Cannot enter into task"), refused::getMessage);
      refused = assertThrows(IllegalStateException.class, () -> Extending.leaveTask(loop, other));
      assertTrue(refused.getMessage().startsWith("Leaving task"), refused::getMessage);
      Extending.leaveTask(loop, mine);
      assertNull(currentTask());
      Extending.enterTask(loop, mine);
      assertSame(mine, currentTask());
      loop.callSoon(() -> {
        Extending.enterTask(loop, other);
        log.add(currentTask());
        Extending.leaveTask(loop, other);
        log.add(String.valueOf(currentTask()));
      });
      ticks(2);
      assertEquals(List.of(other, "null"), log);
    });
  }

  @Test
  void a_loop_author_says_which_loop_a_thread_runs() {
    AbstractEventLoop loop = newEventLoop();
    AbstractEventLoop other = newEventLoop();
    try {
      assertNull(Extending.getRunningLoop());
      Extending.setRunningLoop(loop);
      Extending.setRunningLoop(loop);
      assertSame(loop, runningLoop());
      Extending.setRunningLoop(other);
      assertSame(other, Extending.getRunningLoop());
      Extending.setRunningLoop(null);
      assertNull(Extending.getRunningLoop());
    } finally {
      Extending.setRunningLoop(null);
      loop.close();
      other.close();
    }
  }

  // ---- the loop of a thread

  @Test
  void the_running_loop_comes_before_the_one_set_for_the_thread() {
    var refused = assertThrows(IllegalStateException.class, Asyncio::getEventLoop);
    assertTrue(
        refused.getMessage().startsWith("There is no current event loop"), refused::getMessage);
    AbstractEventLoop loop = newEventLoop();
    try {
      setEventLoop(loop);
      assertSame(loop, getEventLoop());
      run(() -> assertSame(runningLoop(), getEventLoop()));
      assertSame(loop, getEventLoop());
    } finally {
      setEventLoop(null);
      loop.close();
    }
    assertThrows(IllegalStateException.class, Asyncio::getEventLoop);
  }

  // ---- what a task prints

  @Test
  void a_stack_is_printed_as_a_trace() {
    run(() -> {
      Task<?> task = start(ExtendingTest::waiting);
      assertTrue(printed(task).startsWith("No stack for <Task"), () -> printed(task));
      ticks(1);
      assertTrue(printed(task).startsWith("Stack for <Task"), () -> printed(task));
      assertTrue(printed(task).contains("dev.asyncio.ExtendingTest.waiting("), () -> printed(task));
      Task<?> failed =
          start(() -> {
            throw new IllegalArgumentException();
          });
      assertThrows(IllegalArgumentException.class, failed::await);
      assertTrue(printed(failed).startsWith("Traceback for <Task"), () -> printed(failed));
      task.await();
      assertTrue(printed(task).startsWith("No stack for <Task"), () -> printed(task));
    });
  }

  private static void waiting() {
    sleep(Duration.ofSeconds(1)).await();
  }

  private static String printed(Task<?> task) {
    var bytes = new ByteArrayOutputStream();
    task.printStack(new PrintStream(bytes, false, UTF_8));
    return bytes.toString(UTF_8);
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.loop.SelectorEventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that start inside the call that makes them. */
@Timeout(60)
class EagerSurfaceTest {
  private static final TaskOptions EAGER = TaskOptions.defaults().eagerStart(true);

  private final List<String> log = new ArrayList<>();

  @Test
  void syncFinish() {
    run(() -> {
      runningLoop().callSoon(() -> log.add("a turn passed"));
      Task<String> task =
          createTask(
              async(() -> {
                log.add("body");
                return "result";
              }),
              EAGER);
      assertTrue(task.done());
      assertEquals("result", task.await()); // so no suspension either
      assertEquals(List.of("body"), log);
      Task<?> failed =
          createTask(
              async(() -> {
                throw new IOException("at once");
              }),
              EAGER);
      assertThrows(IOException.class, failed::result);
      assertEquals(List.of("body"), log);
    });
  }

  @Test
  void needsRunningLoop() {
    AbstractEventLoop loop = new SelectorEventLoop(null, new VirtualTime());
    loop.setTaskFactory(Asyncio.eagerTaskFactory());
    Task<?> task = loop.createTask(async(() -> log.add("body")), EAGER);
    assertEquals(List.of(), log);
    assertFalse(task.done());
    loop.runUntilComplete(task);
    assertEquals(List.of("body"), log);
    loop.close();
  }

  @Test
  void currentTaskSwap() {
    run(() -> {
      Task<?> creator = currentTask();
      var seen = new ArrayList<Task<?>>();
      Task<?> eager =
          createTask(
              async(() -> {
                seen.add(currentTask());
                assertTrue(Asyncio.allTasks().contains(currentTask()));
                ticks(1);
                seen.add(currentTask());
              }),
              EAGER);
      assertSame(creator, currentTask());
      assertTrue(Asyncio.allTasks().contains(eager));
      eager.await();
      assertEquals(List.of(eager, eager), seen);
      assertSame(creator, currentTask());
    });
  }

  @Test
  void one_that_suspends_is_stepped_like_any_other_from_then_on() {
    run(() -> {
      createTask(
          async(() -> {
            log.add("eager");
            ticks(1);
            log.add("eager again");
          }),
          EAGER);
      log.add("creator");
      VirtualTime.start(() -> log.add("other"));
      ticks(2);
      assertEquals(List.of("eager", "creator", "eager again", "other"), log);
    });
  }

  @Test
  void eager_starts_nest() {
    run(() -> {
      createTask(
          async(() -> {
            log.add("outer");
            createTask(
                async(() -> {
                  log.add("inner");
                  ticks(1);
                  log.add("inner again");
                }),
                EAGER);
            log.add("outer goes on");
          }),
          EAGER);
      log.add("creator");
      ticks(2);
      assertEquals(List.of("outer", "inner", "outer goes on", "creator", "inner again"), log);
    });
  }

  @Test
  void the_factory_starts_eagerly_unless_a_task_asks_not_to() {
    run(() -> {
      runningLoop().setTaskFactory(Asyncio.eagerTaskFactory());
      createTask(async(() -> log.add("by factory")));
      createTask(async(() -> log.add("deferred")), TaskOptions.defaults().eagerStart(false));
      assertEquals(List.of("by factory"), log);
      ticks(1);
      assertEquals(List.of("by factory", "deferred"), log);
    });
  }

  @Test
  void one_that_is_made_in_a_callback_starts_there() {
    run(() -> {
      runningLoop()
          .callSoon(() -> {
            createTask(
                async(() -> {
                  log.add("body");
                  ticks(1);
                  log.add("body again");
                }),
                EAGER);
            assertSame(null, currentTask());
            log.add("callback");
          });
      ticks(3);
      assertEquals(List.of("body", "callback", "body again"), log);
    });
  }

  @Test
  void its_sets_of_context_variables_stay_its_own() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      var.set("creator's");
      createTask(
          async(() -> {
            log.add(var.get());
            var.set("eager's");
          }),
          EAGER);
      assertEquals("creator's", var.get());
      assertEquals(List.of("creator's"), log);
    });
  }

  @Test
  void a_fatal_error_leaves_the_call_that_made_the_task() {
    assertThrows(
        KeyboardInterrupt.class,
        () ->
            run(() -> {
              assertThrows(
                  KeyboardInterrupt.class,
                  () ->
                      createTask(
                          async(() -> {
                            throw new KeyboardInterrupt();
                          }),
                          EAGER));
              log.add("seen by the creator");
              throw new KeyboardInterrupt();
            }));
    assertEquals(List.of("seen by the creator"), log);
  }
}

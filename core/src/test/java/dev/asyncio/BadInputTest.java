package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.loop.SelectorEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Mistakes are told at once, with their name and what would mend them. */
@Timeout(60)
class BadInputTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  private static void assertSays(Throwable refused, String... parts) {
    for (String part : parts) {
      assertTrue(refused.getMessage().contains(part), refused::toString);
    }
  }

  @Test
  void awaiting_outside_of_a_loop() {
    Coroutine<?> coroutine = async(() -> log.add("ran"));
    assertSays(
        assertThrows(IllegalStateException.class, coroutine::await),
        "await outside of an event loop",
        "Asyncio.run(");
    assertSays(
        assertThrows(
            IllegalStateException.class, () -> Asyncio.await(new CompletableFuture<String>())),
        "no running event loop");
    assertEquals(List.of(), log);
    assertDoesNotThrow(() -> Asyncio.run(coroutine), "it was not used up");
  }

  @Test
  void awaiting_on_a_thread_that_the_loop_does_not_run_on() {
    Asyncio.run(
        async(() -> {
          Future<String> future = runningLoop().createFuture();
          var refused = new CompletableFuture<Throwable>();
          Thread.ofVirtual()
              .start(
                  () -> refused.complete(assertThrows(IllegalStateException.class, future::await)));
          assertSays(
              Asyncio.await(refused), "await outside of an event loop", "runCoroutineThreadsafe");
        }));
  }

  @Test
  void awaiting_in_a_plain_callback() {
    run(() -> {
      runningLoop()
          .callSoon(() -> {
            assertSays(
                assertThrows(IllegalStateException.class, () -> async(() -> "").await()),
                "await inside a plain callback",
                "createTask(");
            log.add("refused");
          });
      ticks(1);
      assertEquals(List.of("refused"), log);
    });
  }

  @Test
  void asking_for_the_running_loop_where_there_is_none() {
    for (Executable needsALoop :
        List.<Executable>of(
            Asyncio::runningLoop,
            Asyncio::currentTask,
            Asyncio::allTasks,
            () -> createTask(async(() -> "")),
            () -> Asyncio.gather(async(() -> "")),
            () -> Asyncio.shield(async(() -> "")),
            () -> Asyncio.asCompleted(List.of(async(() -> ""))),
            () -> Asyncio.timeout(HOUR, () -> ""))) {
      assertSays(
          assertThrows(IllegalStateException.class, needsALoop),
          "no running event loop",
          "Asyncio.run(");
    }
  }

  @Test
  void awaiting_the_same_coroutine_twice() {
    run(() -> {
      Coroutine<String> once = async(() -> "once");
      assertEquals("once", once.await());
      assertSays(
          assertThrows(IllegalStateException.class, once::await),
          "cannot reuse already awaited coroutine",
          "make a new one");
      Task<String> task = createTask(once);
      assertSays(
          assertThrows(IllegalStateException.class, task::await),
          "cannot reuse already awaited coroutine");
    });
  }

  @Test
  void awaiting_a_coroutine_that_is_being_awaited() {
    run(() -> {
      Coroutine<?> slow = sleepingLong();
      Task<?> first = start(() -> slow.await());
      ticks(1);
      assertSays(
          assertThrows(IllegalStateException.class, slow::await),
          "is being awaited already",
          "make it a task");
      assertSays(
          assertThrows(IllegalStateException.class, slow::close), "is running", "cancel its task");
      assertFalse(first.done());
      first.cancel();
    });
  }

  private static Coroutine<?> sleepingLong() {
    return async(() -> sleep(HOUR).await());
  }

  @Test
  void closing_a_coroutine_that_was_not_awaited_uses_it_up() {
    Coroutine<?> coroutine = async(() -> log.add("ran"));
    coroutine.close();
    coroutine.close(); // harmless
    run(() -> assertThrows(IllegalStateException.class, coroutine::await));
    assertEquals(List.of(), log);
  }

  @Test
  void a_future_of_another_loop() {
    AbstractEventLoop other = new SelectorEventLoop();
    Future<String> foreign = other.createFuture();
    run(() -> {
      Task<?> task = start(() -> foreign.await());
      assertSays(
          assertThrows(IllegalStateException.class, task::await),
          "attached to a different loop",
          "wrapFuture(future.toCompletableFuture())");
      for (Executable use :
          List.<Executable>of(
              () -> Asyncio.gather(foreign),
              () -> Asyncio.shield(foreign),
              () -> Asyncio.ensureFuture(foreign),
              () -> Asyncio.asCompleted(List.of(foreign)))) {
        assertSays(assertThrows(IllegalArgumentException.class, use), "different loop");
      }
    });
    assertSays(
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              try (var loop = new SelectorEventLoop()) {
                loop.runUntilComplete(foreign);
              }
            }),
        "different loop");
    assertEquals("<Future pending>", foreign.toString(), "nobody was left listening");
    other.close();
  }

  @Test
  void a_coroutine_belongs_to_no_loop_until_it_runs() {
    Coroutine<String> made = async(() -> "anywhere");
    AbstractEventLoop loop = new SelectorEventLoop();
    assertEquals("anywhere", loop.runUntilComplete(made));
    loop.close();
  }

  @Test
  void calls_from_the_wrong_thread_in_debug_mode() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          loop.setDebug(true);
          for (Executable call :
              List.<Executable>of(
                  () -> loop.callSoon(() -> {}),
                  () -> loop.callLater(HOUR, () -> {}),
                  () -> loop.callAt(HOUR, () -> {}),
                  () -> loop.createTask(async(() -> {})),
                  () -> loop.runInExecutor(null, () -> ""))) {
            var refused = new CompletableFuture<Throwable>();
            Thread.ofPlatform()
                .name("foreign")
                .start(() -> refused.complete(assertThrows(IllegalStateException.class, call)));
            assertSays(
                Asyncio.await(refused),
                "Non-thread-safe operation",
                "foreign",
                "callSoonThreadsafe");
          }
          var right = new CompletableFuture<String>();
          Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(() -> right.complete("right")));
          assertEquals("right", Asyncio.await(right));
        }));
  }

  @Test
  void negative_delays_are_like_none() {
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      for (Duration delay :
          List.of(
              Duration.ofNanos(-1),
              HOUR.negated(),
              Duration.ofSeconds(Long.MIN_VALUE),
              Duration.ofNanos(Long.MIN_VALUE))) {
        Future<String> called = loop.createFuture();
        loop.callLater(delay, () -> called.setResult("called"));
        assertEquals("called", called.await());
        Future<String> at = loop.createFuture();
        loop.callAt(delay, () -> at.setResult("called"));
        assertEquals("called", at.await());
        Task<?> pending = start(() -> sleep(HOUR).await());
        assertEquals(
            1,
            Asyncio.waitUntil(List.of(pending), delay, ReturnWhen.ALL_COMPLETED)
                .await()
                .pending()
                .size());
        assertThrows(TimeoutException.class, () -> Asyncio.waitFor(pending, delay).await());
      }
      assertEquals(Duration.ZERO, loop.time(), "no time passed");
    });
  }

  @Test
  void delays_beyond_all_counting_are_for_ever() {
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      sleep(HOUR).await();
      for (Duration delay :
          List.of(
              Duration.ofSeconds(Long.MAX_VALUE),
              Duration.ofNanos(Long.MAX_VALUE),
              Duration.ofDays(100_000_000))) {
        TimerHandle later = loop.callLater(delay, () -> log.add("never"));
        TimerHandle at = loop.callAt(delay, () -> log.add("never"));
        Asyncio.timeout(delay, (Action) () -> sleep(HOUR).await());
        Asyncio.waitFor(sleep(HOUR), delay).await();
        later.cancel();
        at.cancel();
      }
      assertEquals(List.of(), log);
    });
  }

  @Test
  void setting_the_outcome_of_a_task() {
    run(() -> {
      Task<String> task = createTask(async(() -> "own"));
      assertSays(
          assertThrows(IllegalStateException.class, () -> task.setResult("")),
          "Task does not support set_result operation");
      assertSays(
          assertThrows(IllegalStateException.class, () -> task.setException(new Exception())),
          "Task does not support set_exception operation");
      assertEquals("own", task.await());
    });
  }

  @Test
  void stopping_the_loop_before_what_it_runs_is_complete() {
    AbstractEventLoop loop = new SelectorEventLoop();
    Task<?> task = loop.createTask(sleepingLong());
    loop.callSoon(loop::stop);
    assertSays(
        assertThrows(IllegalStateException.class, () -> loop.runUntilComplete(task)),
        "Event loop stopped before Future completed",
        "stop()");
    task.cancel();
    assertThrows(CancelledError.class, () -> loop.runUntilComplete(task), "it can go on");
    loop.close();
  }

  @Test
  void null_where_something_is_needed() {
    var loop = new SelectorEventLoop(null, new VirtualTime());
    for (Executable call :
        List.<Executable>of(
            () -> loop.callSoon(null),
            () -> loop.callSoonThreadsafe(null),
            () -> loop.callLater(null, () -> {}),
            () -> loop.callLater(HOUR, null),
            () -> loop.callAt(null, () -> {}),
            () -> loop.callAt(HOUR, null),
            () -> loop.createTask(null),
            () -> loop.createTask(async(() -> ""), null),
            () -> loop.runInExecutor(null, null),
            () -> loop.runUntilComplete(null),
            () -> loop.createFuture().setException(null),
            () -> loop.createFuture().addDoneCallback(null),
            () -> loop.slowCallbackDuration(null),
            () -> loop.setDefaultExecutor(null),
            () -> Asyncio.run(null),
            () -> Asyncio.run(async(() -> ""), null),
            () -> async((Callable<String>) null),
            () -> async((Action) null),
            () -> sleep(null),
            () -> Asyncio.waitFor(null, HOUR),
            () -> Asyncio.waitUntil(null),
            () -> Asyncio.toThread((Callable<String>) null),
            () -> Asyncio.toThread((Action) null),
            () -> Asyncio.runCoroutineThreadsafe(null, loop),
            () -> new Context().run(null))) {
      assertThrows(NullPointerException.class, call);
    }
    loop.runUntilComplete(async(() -> ticks(3)));
    loop.close();
    run(() -> {
      for (Executable call :
          List.<Executable>of(
              () -> createTask(null),
              () -> Asyncio.shield(null),
              () -> Asyncio.ensureFuture(null),
              () -> Asyncio.wrapFuture(null),
              () -> Asyncio.await((Awaitable<String>) null),
              () -> Asyncio.await((CompletionStage<String>) null),
              () -> Asyncio.gather(async(() -> ""), null),
              () -> Asyncio.gather(Arrays.asList(async(() -> ""), null)),
              () -> Asyncio.waitUntil(Arrays.asList((Task<String>) null)).await(),
              () -> Asyncio.asCompleted(Arrays.asList((Task<String>) null)),
              () -> Asyncio.timeout(HOUR, (Action) null),
              () -> TaskGroup.run((TaskGroup.Action) null),
              () ->
                  TaskGroup.run(group -> {
                    group.createTask(null);
                  }))) {
        Throwable refused = assertThrows(Throwable.class, call);
        if (refused instanceof ExceptionGroup group) { // by the body of a task group
          refused = group.exceptions().getFirst();
        }
        assertInstanceOf(NullPointerException.class, refused);
      }
      ticks(2);
      assertEquals(1, Asyncio.allTasks().size(), "what was made before the null has run");
    });
  }
}

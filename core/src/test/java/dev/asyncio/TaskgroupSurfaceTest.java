package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that live and die together. */
@Timeout(60)
class TaskgroupSurfaceTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  private static Task<?> current() {
    return Objects.requireNonNull(currentTask());
  }

  private static Coroutine<?> failing(Throwable failure) {
    return async(() -> {
      throw Errors.<RuntimeException>unchecked(failure);
    });
  }

  /** A coroutine that waits until it is cancelled and says so. */
  private Coroutine<?> waiting(String name) {
    return async(() -> {
      try {
        sleep(HOUR).await();
      } finally {
        log.add(name + " ended");
      }
    });
  }

  @Test
  void waitsForAll() {
    run(() -> {
      String result =
          TaskGroup.run(group -> {
            group.createTask(
                async(() -> {
                  sleep(Duration.ofSeconds(1)).await();
                  log.add("child");
                  group.createTask(
                      async(() -> {
                        sleep(Duration.ofSeconds(1)).await();
                        log.add("late child");
                      }));
                }));
            log.add("body ended");
            return "result";
          });
      assertEquals("result", result);
      assertEquals(List.of("body ended", "child", "late child"), log);
    });
  }

  @Test
  void firstFailureCancels() {
    var failure = new IOException("first");
    run(() -> {
      var group =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  TaskGroup.run(g -> {
                    g.createTask(waiting("sibling"));
                    g.createTask(failing(failure));
                    try {
                      sleep(HOUR).await();
                    } finally {
                      log.add("body ended");
                    }
                  }));
      assertEquals(List.of(failure), group.exceptions());
      assertEquals("unhandled errors in a TaskGroup (1 sub-exception)", group.getMessage());
      assertEquals(2, log.size());
      assertTrue(log.containsAll(List.of("sibling ended", "body ended")), log::toString);
      assertEquals(0, current().cancelling());
      ticks(2); // no cancellation comes after
    });
  }

  @Test
  void childCancelIsQuiet() {
    run(() -> {
      TaskGroup.run(group -> {
        Task<?> child = group.createTask(waiting("child"));
        Task<String> sibling = group.createTask(sleep(Duration.ofSeconds(1), "sibling's result"));
        ticks(1);
        child.cancel();
        assertEquals("sibling's result", sibling.await());
        log.add("body goes on");
      });
      assertEquals(List.of("child ended", "body goes on"), log);
    });
  }

  @Test
  void bodyFailure() {
    var failure = new IOException("of the body");
    var another = new IllegalArgumentException("of a child on its way out");
    run(() -> {
      var group =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  TaskGroup.run(g -> {
                    g.createTask(waiting("child"));
                    g.createTask(
                        async(() -> {
                          try {
                            sleep(HOUR).await();
                          } finally {
                            throwUnchecked(another);
                          }
                        }));
                    ticks(1);
                    throwUnchecked(failure);
                  }));
      assertEquals(List.of(another, failure), group.exceptions());
      assertEquals(List.of("child ended"), log);
    });
  }

  @Test
  void alwaysAGroup() {
    var failure = new IllegalStateException("alone");
    run(() -> {
      var fromChild =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  TaskGroup.run(group -> {
                    group.createTask(failing(failure));
                  }));
      assertEquals(List.of(failure), fromChild.exceptions());
      var fromBody =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  TaskGroup.run(group -> {
                    throwUnchecked(failure);
                  }));
      assertEquals(List.of(failure), fromBody.exceptions());
    });
  }

  @Test
  void baseException() {
    var inBody = new KeyboardInterrupt("in the body");
    var seen = new ArrayList<Throwable>();
    var left =
        assertThrows(
            KeyboardInterrupt.class,
            () ->
                run(() -> {
                  try {
                    TaskGroup.run(group -> {
                      group.createTask(waiting("sibling"));
                      ticks(1);
                      throwUnchecked(inBody);
                    });
                  } catch (Throwable e) {
                    seen.add(e);
                    throw e;
                  }
                }));
    assertSame(inBody, left);
    assertEquals(List.of(inBody), seen, "bare, not in a group");
    assertEquals(List.of("sibling ended"), log);

    var inChild = new SystemExit(3);
    seen.clear();
    var leftByChild =
        assertThrows(
            SystemExit.class,
            () ->
                run(() -> {
                  try {
                    TaskGroup.run(group -> {
                      group.createTask(waiting("another"));
                      group.createTask(failing(inChild));
                    });
                  } catch (Throwable e) {
                    seen.add(e);
                    throw e;
                  }
                }));
    assertSame(inChild, leftByChild);
    assertEquals("another ended", log.getLast());
  }

  @Test
  void nestedFailures() {
    var outerFailure = new IOException("outer");
    var innerFailure = new IOException("inner");
    run(() -> {
      var outer =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  TaskGroup.run(out -> {
                    out.createTask(failing(outerFailure));
                    TaskGroup.run(in -> {
                      in.createTask(failing(innerFailure));
                    });
                  }));
      assertEquals(2, outer.exceptions().size());
      assertSame(outerFailure, outer.exceptions().getFirst());
      var inner = (ExceptionGroup) outer.exceptions().getLast();
      assertEquals(List.of(innerFailure), inner.exceptions());
      assertEquals(0, current().cancelling());
      ticks(2);
    });
  }

  @Test
  void externalCancelWithErrors() {
    var failure = new IOException("while being cancelled");
    run(() -> {
      Task<?> parent =
          start(() -> {
            var group =
                assertThrows(
                    ExceptionGroup.class,
                    () ->
                        TaskGroup.run(g -> {
                          g.createTask(
                              async(() -> {
                                try {
                                  sleep(HOUR).await();
                                } finally {
                                  throwUnchecked(failure);
                                }
                              }));
                        }));
            assertEquals(List.of(failure), group.exceptions());
            assertEquals(1, current().cancelling());
            log.add("group");
            ticks(1);
            log.add("never: the request is not lost");
          });
      ticks(2);
      parent.cancel();
      assertThrows(CancelledError.class, parent::await);
      assertEquals(List.of("group"), log);
    });
  }

  private static void throwUnchecked(Throwable e) {
    throw Errors.<RuntimeException>unchecked(e);
  }

  @Test
  void preservesCount() {
    run(() -> {
      Task<?> parent =
          start(() -> {
            assertThrows(CancelledError.class, () -> sleep(HOUR).await());
            assertEquals(1, current().cancelling());
            assertThrows(
                ExceptionGroup.class,
                () ->
                    TaskGroup.run(group -> {
                      group.createTask(failing(new IOException()));
                      sleep(HOUR).await();
                    }));
            assertEquals(1, current().cancelling());
            TaskGroup.run(group -> {
              group.createTask(async(() -> {}));
            });
            assertEquals(1, current().cancelling());
            current().uncancel();
            current().uncancel();
            assertThrows(
                ExceptionGroup.class,
                () ->
                    TaskGroup.run(group -> {
                      group.createTask(failing(new IOException()));
                      sleep(HOUR).await();
                    }));
            assertEquals(0, current().cancelling());
            log.add("all checked");
          });
      ticks(1);
      parent.cancel();
      assertThrows(CancelledError.class, parent::await, "sent again by the first group");
    });
    assertEquals(List.of(), log);
  }

  @Test
  void closedToNewTasks() {
    run(() -> {
      var kept = new ArrayList<TaskGroup>();
      TaskGroup.run(group -> {
        kept.add(group);
      });
      Coroutine<?> late = async(() -> log.add("late"));
      var finished =
          assertThrows(IllegalStateException.class, () -> kept.getFirst().createTask(late));
      assertTrue(finished.getMessage().endsWith("is finished"), finished::getMessage);
      assertThrows(IllegalStateException.class, late::await, "it was closed");

      Coroutine<?> tooLate = async(() -> log.add("too late"));
      assertThrows(
          ExceptionGroup.class,
          () ->
              TaskGroup.run(group -> {
                group.createTask(failing(new IOException()));
                try {
                  sleep(HOUR).await();
                } finally {
                  var refused =
                      assertThrows(IllegalStateException.class, () -> group.createTask(tooLate));
                  assertTrue(
                      refused.getMessage().endsWith("is shutting down"), refused::getMessage);
                }
              }));
      assertThrows(IllegalStateException.class, tooLate::await, "it was closed");
      assertEquals(List.of(), log);
    });
  }

  @Test
  void lateFailureReported() {
    var failure = new IOException("nobody is left to be told");
    var reports = new ArrayList<ExceptionContext>();
    Asyncio.run(
        async(() -> {
          runningLoop().setDebug(true); // so that both engines refuse to wait while pinned
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          LeavesItsGroup.Child.failure = failure;
          Task<?> parent = start(LeavesItsGroup::enter);
          assertThrows(ExceptionInInitializerError.class, parent::await);
          ticks(2);
        }),
        VirtualTime.options());
    assertEquals(1, reports.size());
    String message = reports.getFirst().message();
    assertTrue(message.contains("has errored out but its parent task"), message);
    assertTrue(message.endsWith("is already completed"), message);
    assertSame(failure, reports.getFirst().exception());
  }

  /** A parent that cannot wait for its children: a class initialiser cannot suspend. */
  private static final class LeavesItsGroup {
    static {
      TaskGroup.run(group -> {
        group.createTask(failing(Child.failure));
      });
    }

    static void enter() {}

    private static final class Child {
      private static IOException failure = new IOException();
    }
  }

  @Test
  void terminateByException() {
    var terminate = new NoSuchElementException("enough");
    run(() -> {
      try {
        TaskGroup.run(group -> {
          group.createTask(waiting("a"));
          group.createTask(waiting("b"));
          ticks(1);
          group.createTask(failing(terminate));
        });
      } catch (ExceptionGroup e) {
        e.handle(NoSuchElementException.class, matched -> log.add("terminated"));
      }
      assertEquals(List.of("a ended", "b ended", "terminated"), log);
    });
  }

  @Test
  void cancelling_the_parent_cancels_the_children_and_waits_for_them() {
    run(() -> {
      Task<?> parent =
          start(() ->
              TaskGroup.run(group -> {
                group.createTask(
                    async(() -> {
                      try {
                        sleep(HOUR).await();
                      } finally {
                        sleep(Duration.ofSeconds(1)).await();
                        log.add("cleaned up");
                      }
                    }));
              }));
      ticks(2);
      parent.cancel("enough");
      var told = assertThrows(CancelledError.class, parent::await);
      assertEquals("enough", told.message());
      assertEquals(List.of("cleaned up"), log);
    });
  }

  @Test
  void a_group_outside_a_task_is_an_error() {
    var refused =
        assertThrows(
            IllegalStateException.class,
            () ->
                TaskGroup.run(group -> {
                  log.add("body");
                }));
    assertTrue(refused.getMessage().contains("no running event loop"), refused::getMessage);
    run(() -> {
      runningLoop()
          .callSoon(() -> {
            var inCallback =
                assertThrows(
                    IllegalStateException.class,
                    () ->
                        TaskGroup.run(group -> {
                          log.add("body");
                        }));
            assertTrue(
                inCallback.getMessage().contains("cannot determine the parent task"),
                inCallback::getMessage);
            log.add("refused");
          });
      ticks(1);
    });
    assertEquals(List.of("refused"), log);
  }

  @Test
  void children_have_names_and_results_and_may_start_eagerly() {
    run(() ->
        TaskGroup.run(group -> {
          Task<String> named = group.createTask(async(() -> "result"), "child");
          assertEquals("child", named.getName());
          Task<String> eager =
              group.createTask(async(() -> "at once"), TaskOptions.defaults().eagerStart(true));
          assertEquals("at once", eager.result());
          assertFalse(named.done());
          assertEquals("result", named.await());
        }));
  }
}

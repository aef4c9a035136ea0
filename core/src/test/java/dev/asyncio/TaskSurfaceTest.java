package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.loop.SelectorEventLoop;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of a task. */
@Timeout(60)
class TaskSurfaceTest {
  private final List<String> log = new ArrayList<>();

  @Test
  void startsNextIteration() {
    run(() -> {
      start(() -> log.add("first"));
      start(() -> log.add("second"));
      log.add("creator");
      runningLoop().callSoon(() -> log.add("callback"));
      ticks(1);
      assertEquals(List.of("creator", "first", "second", "callback"), log);
    });
  }

  @Test
  void oneAtATime() {
    run(() -> {
      Task<?> a = start(() -> threeRounds("a"));
      Task<?> b = start(() -> threeRounds("b"));
      a.await();
      b.await();
      assertEquals(
          List.of(
              "a in", "a out", "b in", "b out", "a in", "a out", "b in", "b out", "a in", "a out",
              "b in", "b out"),
          log);
    });
  }

  private void threeRounds(String name) {
    for (int round = 0; round < 3; round++) {
      log.add(name + " in");
      Future<String> done = runningLoop().createFuture();
      done.setResult("");
      done.await(); // no suspension point: it is done
      start(() -> {}); // nor does this run anything
      log.add(name + " out");
      sleep(Duration.ZERO).await();
    }
  }

  @Test
  void keepReference() {
    var waitsFor = new ArrayList<WeakReference<Future<String>>>();
    run(() -> {
      start(() -> {
        Future<String> future = runningLoop().createFuture();
        waitsFor.add(new WeakReference<>(future));
        log.add(future.await());
      });
      ticks(1);
      System.gc(); // nothing but the loop knows the task, and only the task its future
      Future<String> future = waitsFor.getFirst().get();
      assertNotNull(future);
      future.setResult("alive");
      ticks(1);
    });
    assertEquals(List.of("alive"), log);
    assertEquals(List.of("Task was destroyed but it is pending!"), reportsOfAbandoning());
  }

  private static List<String> reportsOfAbandoning() {
    var reports = new ArrayList<String>();
    AbstractEventLoop loop = new SelectorEventLoop(null, new VirtualTime());
    loop.setExceptionHandler((_, context) -> reports.add(context.message()));
    loop.createTask(sleep(Duration.ofDays(1)));
    loop.runUntilComplete(sleep(Duration.ZERO));
    loop.close();
    return reports;
  }

  @Test
  void contextCopy() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      var.set("creator's");
      Task<?> first =
          start(() -> {
            log.add(var.get());
            var.set("first's");
            ticks(2);
            log.add(var.get());
          });
      Task<?> second = start(() -> log.add(var.get()));
      var.set("creator's later");
      second.await();
      first.await();
      assertEquals(List.of("creator's", "creator's", "first's"), log);
      assertEquals("creator's later", var.get());
    });
  }

  @Test
  void exceptionStored() {
    var failure = new IOException("broken");
    var interrupt = new KeyboardInterrupt();
    run(() -> {
      Task<?> failing =
          start(() -> {
            throw failure;
          });
      ticks(2);
      assertTrue(failing.done());
      assertSame(failure, failing.exception());
      assertSame(failure, assertThrows(IOException.class, failing::await));
      assertSame(failure, assertThrows(IOException.class, failing::result));
    });

    AbstractEventLoop loop = new SelectorEventLoop(null, new VirtualTime());
    Task<?> fatal =
        loop.createTask(
            async(() -> {
              throw interrupt;
            }));
    assertSame(interrupt, assertThrows(KeyboardInterrupt.class, loop::runForever));
    assertSame(interrupt, fatal.exception());
    loop.close();
  }

  @Test
  void awaitSelf() {
    run(() -> {
      Task<?> task = start(() -> Objects.requireNonNull(currentTask()).await());
      var refused = assertThrows(IllegalStateException.class, task::await);
      assertTrue(
          refused.getMessage().startsWith("Task cannot await on itself"), refused::getMessage);
    });
  }

  @Test
  void awaitForeignLoop() {
    AbstractEventLoop other = new SelectorEventLoop();
    Future<String> foreign = other.createFuture();
    run(() -> {
      var refused = assertThrows(IllegalStateException.class, foreign::await);
      assertTrue(
          refused.getMessage().contains("attached to a different loop"), refused::getMessage);
      assertTrue(refused.getMessage().contains("wrapFuture"), refused::getMessage);
      foreign.setResult("done"); // an outcome that is there binds nobody
      assertEquals("done", foreign.await());
    });
    other.close();
  }

  @Test
  void awaitChain() {
    var failure = new IllegalArgumentException("for all");
    run(() -> {
      Task<String> fine = createTask(sleep(Duration.ofSeconds(1), "result"));
      Task<String> failing =
          createTask(
              async(() -> {
                ticks(3);
                throw failure;
              }));
      var waiters = new ArrayList<Task<String>>();
      for (int i = 0; i < 3; i++) {
        waiters.add(createTask(async(() -> fine.await())));
        waiters.add(
            createTask(
                async(() -> assertThrows(RuntimeException.class, failing::await).getMessage())));
      }
      for (int i = 0; i < 3; i++) {
        assertEquals("result", waiters.get(2 * i).await());
        assertEquals("for all", waiters.get(2 * i + 1).await());
      }
      assertSame(failure, failing.exception());
    });
  }

  @Test
  void names_are_given_or_numbered_in_the_order_of_creation() {
    run(() -> {
      Task<?> first = start(() -> {});
      Task<?> second = start(() -> {});
      Task<?> named = createTask(async(() -> {}), "named");
      assertTrue(first.getName().matches("Task-\\d+"), first::getName);
      long number = Long.parseLong(first.getName().substring(5));
      assertEquals("Task-" + (number + 1), second.getName());
      assertEquals("named", named.getName());
      named.setName("renamed");
      assertEquals("renamed", named.getName());
      assertTrue(named.toString().contains("name='renamed'"), named::toString);
    });
  }

  @Test
  void its_outcome_cannot_be_set_from_outside() {
    run(() -> {
      Task<Object> task = createTask(async(() -> (Object) "own"));
      var result = assertThrows(IllegalStateException.class, () -> task.setResult("foreign"));
      assertTrue(
          result.getMessage().startsWith("Task does not support set_result operation"),
          result::getMessage);
      var exception =
          assertThrows(IllegalStateException.class, () -> task.setException(new IOException()));
      assertTrue(
          exception.getMessage().startsWith("Task does not support set_exception operation"),
          exception::getMessage);
      assertEquals("own", task.await());
    });
  }

  @Test
  void its_context_shows_what_it_has_set_whenever_one_asks_for_it() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      Task<?> neverAsked = start(() -> setTwice(var));
      Task<?> askedBefore = start(() -> setTwice(var));
      Task<?> askedMeanwhile = start(() -> setTwice(var));
      Task<?> askedWhileItHasNotSet =
          start(() -> {
            ticks(1);
            setTwice(var);
          });
      Task<?> asksItself =
          start(() -> {
            Context mine = Objects.requireNonNull(currentTask()).getContext();
            setTwice(var);
            assertEquals("two", mine.get(var));
          });
      Context before = askedBefore.getContext();
      assertSame(before, askedBefore.getContext());
      ticks(1);
      assertEquals("one", before.get(var));
      Context meanwhile = askedMeanwhile.getContext();
      assertEquals("one", meanwhile.get(var));
      Context notYetSet = askedWhileItHasNotSet.getContext();
      asksItself.await();
      askedWhileItHasNotSet.await();
      assertEquals("two", neverAsked.getContext().get(var));
      assertEquals("two", before.get(var));
      assertEquals("two", meanwhile.get(var));
      assertEquals("two", notYetSet.get(var));
      assertFalse(Context.copyContext().contains(var));
    });
  }

  private static void setTwice(ContextVar<String> var) {
    var.set("one");
    ticks(1);
    assertEquals("one", var.get());
    var.set("two");
  }

  @Test
  void its_stack_is_where_it_waits_or_where_it_failed() {
    run(() -> {
      Task<?> waiting = start(TaskSurfaceTest::waitHere);
      assertEquals(List.of(), waiting.getStack(), "has not begun");
      ticks(1);
      assertTrue(
          waiting.getStack().stream().anyMatch(f -> f.getMethodName().equals("waitHere")),
          () -> waiting.getStack().toString());
      waiting.cancel();
      ticks(2);
      assertEquals(List.of(), waiting.getStack(), "was cancelled");

      Task<?> failed = start(TaskSurfaceTest::failHere);
      ticks(2);
      assertEquals("failHere", failed.getStack().getFirst().getMethodName());
    });
  }

  private static void waitHere() {
    runningLoop().createFuture().await();
  }

  private static void failHere() {
    throw new IllegalStateException("here");
  }

  @Test
  void a_task_knows_its_coroutine_and_its_loop() {
    run(() -> {
      Coroutine<String> coroutine = async(() -> "x");
      Task<String> task = createTask(coroutine);
      assertSame(coroutine, task.getCoro());
      assertSame(runningLoop(), task.getLoop());
      task.await();
      assertSame(coroutine, task.getCoro());
    });
  }

  @Test
  void all_tasks_are_those_that_are_not_done_in_the_order_of_their_creation() {
    run(() -> {
      Task<?> main = currentTask();
      Task<?> a = start(() -> ticks(5));
      Task<?> b = start(() -> {});
      Task<?> c = start(() -> ticks(5));
      assertEquals(List.of(main, a, b, c), Asyncio.allTasks());
      ticks(2);
      assertEquals(List.of(main, a, c), Asyncio.allTasks());
      assertEquals(List.of(main, a, c), Asyncio.allTasks(runningLoop()));
    });
  }

  @Test
  void there_is_no_current_task_in_a_plain_callback() {
    run(() -> {
      var seen = new ArrayList<Task<?>>();
      runningLoop().callSoon(() -> seen.add(currentTask()));
      ticks(1);
      assertEquals(1, seen.size());
      assertSame(null, seen.getFirst());
    });
  }

  @Test
  void anything_that_implements_awaitable_can_be_awaited_and_gathered() {
    Awaitable<String> own = () -> sleep(Duration.ofSeconds(1), "own").await();
    run(() -> {
      assertEquals("own", Asyncio.await(own));
      assertEquals(List.of("own", "own"), Asyncio.gather(own, async(() -> "own")).await());
      assertEquals("own", Asyncio.ensureFuture(own).await());
    });
  }

  @Test
  void a_checked_exception_comes_out_of_await_as_it_is() {
    var failure = new IOException("checked");
    run(() -> {
      Coroutine<String> failing =
          async(() -> {
            throw failure;
          });
      try {
        failing.await(IOException.class);
      } catch (IOException e) {
        assertSame(failure, e);
        log.add("caught");
      }
    });
    assertEquals(List.of("caught"), log);
  }

  @Test
  void a_coroutine_that_cannot_say_what_it_is_fails_like_any_other() {
    var failure = new IOException("its own");
    run(() -> {
      Task<String> task =
          createTask(
              new Coroutine<>() {
                @Override
                protected String run() throws IOException {
                  throw failure;
                }

                @Override
                public String toString() {
                  throw new IllegalStateException("no words");
                }
              });
      assertSame(failure, assertThrows(IOException.class, task::await));
      assertTrue(task.toString().startsWith("<Task finished"), task::toString);
    });
  }
}

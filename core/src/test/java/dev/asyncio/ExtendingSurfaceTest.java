package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops and tasks of somebody else's. */
@Timeout(60)
class ExtendingSurfaceTest {
  private static final Duration TICK = Duration.ofNanos(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  @Test
  void customLoop() {
    var made = new ArrayList<CustomLoop>();
    RunnerOptions options =
        RunnerOptions.defaults()
            .loopFactory(
                () -> {
                  made.add(new CustomLoop());
                  return made.getFirst();
                });
    String result =
        Asyncio.run(
            async(
                () -> {
                  assertSame(made.getFirst(), runningLoop());
                  sleep(TICK).await();
                  assertEquals(List.of("a", "b"), Asyncio.gather(echo("a"), echo("b")).await());
                  assertThrows(
                      TimeoutException.class,
                      () -> Asyncio.waitFor(sleep(HOUR), TICK).await());
                  assertThrows(
                      TimeoutException.class,
                      () -> Asyncio.timeout(TICK, (Action) () -> sleep(HOUR).await()));
                  Task<String> task = createTask(echo("task"));
                  assertEquals(1, Asyncio.waitUntil(List.of(task)).await().done().size());
                  assertEquals("shielded", Asyncio.shield(echo("shielded")).await());
                  for (Future<String> done : Asyncio.asCompleted(List.of(echo("completed")))) {
                    log.add(done.result());
                  }
                  TaskGroup.run(
                      group -> {
                        group.createTask(async(() -> log.add("child")));
                      });
                  assertEquals("thread", Asyncio.toThread(() -> "thread").await());
                  var queue = new Queue<String>(1);
                  Task<?> producer = VirtualTime.start(() -> queue.put("queued").await());
                  assertEquals("queued", queue.get().await());
                  producer.await();
                  AbstractEventLoop loop = runningLoop();
                  var joined = new CompletableFuture<String>();
                  Thread.ofPlatform()
                      .start(
                          () ->
                              joined.complete(
                                  Asyncio.runCoroutineThreadsafe(echo("from elsewhere"), loop)
                                      .join()));
                  assertEquals("from elsewhere", Asyncio.await(joined));
                  return "result";
                }),
            options);
    assertEquals("result", result);
    assertEquals(List.of("completed", "child"), log);
    assertEquals(1, made.size());
    assertTrue(made.getFirst().isClosed() && made.getFirst().pollerClosed);
  }

  private static Coroutine<String> echo(String text) {
    return async(
        () -> {
          ticks(1);
          return text;
        });
  }

  @Test
  void customTask() {
    var made = new ArrayList<Task<?>>();
    TaskFactory factory =
        new TaskFactory() {
          @Override
          public <T extends @Nullable Object> Task<T> create(
              AbstractEventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
            Coroutine<T> wrapped =
                async(
                    () -> {
                      log.add("begins");
                      try {
                        return coroutine.await();
                      } finally {
                        log.add("ends");
                      }
                    });
            Task<T> task = Task.create(loop, wrapped, options.name("custom " + made.size()));
            made.add(task);
            return task;
          }
        };
    VirtualTime.run(
        () -> {
          runningLoop().setTaskFactory(factory);
          assertSame(factory, runningLoop().getTaskFactory());
          Task<Task<?>> task = createTask(async(() -> currentTask()));
          assertSame(task, made.getFirst());
          assertTrue(Asyncio.allTasks().contains(task));
          assertSame(task, task.await());
          Task<?> cancelled = createTask(sleep(HOUR));
          ticks(1);
          cancelled.cancel();
          assertThrows(CancelledError.class, cancelled::await);
          var failure = new IOException("in a group");
          var group =
              assertThrows(
                  ExceptionGroup.class,
                  () ->
                      TaskGroup.run(
                          g -> {
                            g.createTask(
                                async(
                                    () -> {
                                      throw failure;
                                    }));
                            g.createTask(sleep(HOUR));
                          }));
          assertEquals(List.of(failure), group.exceptions());
          assertEquals(List.of("gathered"), Asyncio.gather(async(() -> "gathered")).await());
          assertEquals(5, made.size());
          assertEquals("custom 4", made.getLast().getName());
          assertEquals(10, log.size());
          runningLoop().setTaskFactory(null);
          assertEquals("usual", createTask(async(() -> "usual")).await());
          assertEquals(5, made.size());
        });
  }
}

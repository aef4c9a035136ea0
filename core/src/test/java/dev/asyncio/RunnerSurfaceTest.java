package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
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
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole life of a loop. */
@Timeout(60)
class RunnerSurfaceTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  @Test
  void lazyInit() {
    var made = new ArrayList<AbstractEventLoop>();
    RunnerOptions options =
        RunnerOptions.defaults()
            .loopFactory(() -> {
              made.add(new CustomLoop());
              return made.getLast();
            });
    new Runner(options).close();
    assertEquals(List.of(), made);
    try (var runner = new Runner(options)) {
      assertEquals(List.of(), made);
      AbstractEventLoop loop = runner.getLoop();
      assertEquals(List.of(loop), made);
      runner.run(async(() -> assertSame(loop, runningLoop())));
      assertEquals(List.of(loop), made);
      runner.close();
      assertTrue(loop.isClosed());
      runner.close(); // harmless
      assertTrue(
          assertThrows(IllegalStateException.class, runner::getLoop)
              .getMessage()
              .startsWith("Runner is closed"));
      assertThrows(IllegalStateException.class, () -> runner.run(async(() -> "")));
    }
  }

  @Test
  void noNesting() {
    Asyncio.run(
        async(() -> {
          Coroutine<String> inner =
              async(() -> {
                log.add("inner");
                return "result";
              });
          var refused = assertThrows(IllegalStateException.class, () -> Asyncio.run(inner));
          assertTrue(
              refused.getMessage().startsWith("run() cannot be called from a running event"),
              refused::getMessage);
          try (var runner = new Runner()) {
            assertThrows(IllegalStateException.class, () -> runner.run(inner));
          }
          assertEquals(List.of(), log);
          assertEquals("result", inner.await(), "it was not touched");
        }));
  }

  @Test
  void shutdownOrder() {
    var loop =
        new CustomLoop() {
          @Override
          protected void closePoller() {
            log.add("loop closed");
          }
        };
    loop.setDefaultExecutor(new LoggingExecutor());
    Asyncio.run(
        async(() -> {
          assertEquals("", loop.runInExecutor(null, () -> "").await());
          start(() -> {
            try {
              sleep(HOUR).await();
            } finally {
              ticks(3);
              log.add("leftover cancelled");
            }
          });
          start(this::startsAGenerator);
          ticks(2);
          log.add("main ends");
        }),
        RunnerOptions.defaults().loopFactory(() -> loop));
    assertEquals(
        List.of(
            "main ends",
            "leftover cancelled",
            "generator closed",
            "executor shut down",
            "executor awaited for 300 s",
            "loop closed"),
        log);
  }

  private void startsAGenerator() {
    AsyncGenerator<String> generator =
        AsyncGenerator.of(yielder -> {
          try {
            yielder.yield("item");
          } finally {
            log.add("generator closed");
          }
        });
    kept.add(generator);
    assertEquals("item", generator.next());
  }

  private final List<AsyncGenerator<String>> kept = new ArrayList<>();

  private final class LoggingExecutor extends AbstractExecutorService {
    private boolean shutDown;

    @Override
    public void execute(Runnable command) {
      command.run();
    }

    @Override
    public void shutdown() {
      if (!shutDown) {
        log.add("executor shut down");
      }
      shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean isTerminated() {
      return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      log.add("executor awaited for " + unit.toSeconds(timeout) + " s");
      return true;
    }
  }

  @Test
  void leftoverExceptions() {
    var failure = new IOException("on the way out");
    var reports = new ArrayList<ExceptionContext>();
    String result =
        Asyncio.run(
            async(() -> {
              runningLoop().setExceptionHandler((_, context) -> reports.add(context));
              start(() -> {
                try {
                  sleep(HOUR).await();
                } finally {
                  throwIt(failure);
                }
              });
              ticks(1);
              return "result";
            }));
    assertEquals("result", result);
    assertEquals(1, reports.size());
    assertEquals("unhandled exception during asyncio.run() shutdown", reports.getFirst().message());
    assertSame(failure, reports.getFirst().exception());
  }

  private static void throwIt(Throwable e) {
    throw Errors.<RuntimeException>unchecked(e);
  }

  @Test
  void sharedContext() {
    var var = new ContextVar<>("var", "default");
    try (var runner = new Runner()) {
      runner.run(async(() -> var.set("of the first run")));
      runner.run(async(() -> log.add(var.get())));
      var other = new Context();
      runner.run(async(() -> log.add(var.get())), other);
      runner.run(async(() -> var.set("of the other context")), other);
      runner.run(async(() -> log.add(var.get())));
      assertEquals("of the other context", other.get(var));
    }
    assertEquals(List.of("of the first run", "default", "of the first run"), log);
    assertEquals("default", var.get());
  }

  @Test
  void sigintFirst() throws IOException, InterruptedException {
    var outcome = ChildJvm.run(InterruptedProgram.class, "first");
    assertEquals(
        List.of("main cancelled, other asked 0 times", "KeyboardInterrupt"),
        outcome.out(),
        outcome.err());
    assertEquals(0, outcome.status());
  }

  @Test
  void sigintSecond() throws IOException, InterruptedException {
    var outcome = ChildJvm.run(InterruptedProgram.class, "second");
    assertEquals(List.of("refused"), outcome.out(), outcome.err());
    assertEquals(130, outcome.status());
  }

  @Test
  void sigintScope() throws IOException, InterruptedException {
    var handled = ChildJvm.run(InterruptedProgram.class, "handled");
    assertEquals(List.of("handled"), handled.out(), handled.err());
    assertEquals(0, handled.status(), "the program has a handler of its own");
    var restored = ChildJvm.run(InterruptedProgram.class, "restored");
    assertEquals(List.of("ran"), restored.out(), restored.err());
    assertEquals(130, restored.status(), "the JVM's own handling is back");
    var elsewhere = ChildJvm.run(InterruptedProgram.class, "elsewhere");
    assertEquals(130, elsewhere.status(), "a runner on another thread leaves it alone");
  }

  @Test
  void a_main_task_that_ends_in_spite_of_ctrl_c_gives_its_result()
      throws IOException, InterruptedException {
    var outcome = ChildJvm.run(InterruptedProgram.class, "finished");
    assertEquals(List.of("finished all the same"), outcome.out(), outcome.err());
    assertEquals(0, outcome.status());
  }

  @Test
  void externalCancelKept() {
    var cancelled =
        assertThrows(
            CancelledError.class,
            () ->
                Asyncio.run(
                    async(() -> {
                      Task<?> main = Objects.requireNonNull(currentTask());
                      runningLoop().callSoon(() -> main.cancel("by a callback"));
                      sleep(HOUR).await();
                    })));
    assertEquals("by a callback", cancelled.message());
  }

  @Test
  void an_exception_of_the_main_task_comes_out_as_it_is() {
    var failure = new IOException("of main");
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () ->
                Asyncio.run(
                    async(() -> {
                      throw failure;
                    }))));
  }

  @Test
  void a_fatal_error_that_the_main_task_throws_again_while_it_is_shut_down_stays_itself() {
    var exit = new SystemExit(3);
    var left =
        assertThrows(
            SystemExit.class,
            () ->
                Asyncio.run(
                    async(() -> {
                      Task<?> failing =
                          start(() -> {
                            throw exit;
                          });
                      try {
                        failing.await();
                      } finally {
                        log.add("main unwound");
                      }
                    })));
    assertSame(exit, left);
    assertEquals(List.of("main unwound"), log);
  }

  @Test
  void interrupting_the_thread_that_waits_in_run_cancels_the_main_task() {
    for (boolean busy : new boolean[] {false, true}) {
      Thread runner = Thread.currentThread();
      assertThrows(
          CancelledError.class,
          () ->
              Asyncio.run(
                  async(() -> {
                    Thread.ofPlatform().start(runner::interrupt);
                    if (busy) {
                      while (true) {
                        ticks(1);
                      }
                    }
                    sleep(HOUR).await();
                  })));
      assertTrue(Thread.interrupted(), "the interrupt status is kept for the caller");
    }
  }

  @Test
  void a_runner_can_be_closed_although_it_failed() {
    var runner = new Runner();
    AbstractEventLoop loop = runner.getLoop();
    assertThrows(
        KeyboardInterrupt.class,
        () ->
            runner.run(
                async(() -> {
                  createTask(sleep(HOUR));
                  throw new KeyboardInterrupt();
                })));
    assertFalse(loop.isClosed());
    runner.close();
    assertTrue(loop.isClosed());
  }
}

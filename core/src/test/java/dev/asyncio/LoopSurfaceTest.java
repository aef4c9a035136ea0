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
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.loop.SelectorEventLoop;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an event loop does apart from the network. */
@Timeout(60)
class LoopSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  private static AbstractEventLoop virtualLoop() {
    return new SelectorEventLoop(null, new VirtualTime());
  }

  @Test
  void fifo() {
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      loop.callSoon(() -> log.add("1"));
      start(() -> log.add("2"));
      loop.callSoonThreadsafe(() -> log.add("3"));
      loop.callSoon(() -> log.add("4"));
      ticks(1);
      assertEquals(List.of("1", "2", "3", "4"), log);
    });
  }

  @Test
  void batching() {
    var loop = new CustomLoop(new VirtualTime());
    loop.callSoon(() -> {
      log.add("first, poll " + loop.polls);
      loop.callSoon(() -> {
        log.add("queued meanwhile, poll " + loop.polls);
        loop.stop();
      });
    });
    loop.callSoon(() -> log.add("second, poll " + loop.polls));
    loop.runForever();
    loop.close();
    assertEquals(List.of("first, poll 1", "second, poll 1", "queued meanwhile, poll 2"), log);
  }

  @Test
  void timers() {
    var waits = new ArrayList<Long>();
    var time =
        new Clock() {
          private long now;

          @Override
          public long nanoTime() {
            return now;
          }

          @Override
          public long idle(long nanos) {
            waits.add(nanos);
            now += nanos;
            return 0;
          }
        };
    var loop = new SelectorEventLoop(null, time);
    for (int seconds : new int[] {3, 1, 2}) {
      Duration when = Duration.ofSeconds(seconds);
      TimerHandle timer =
          loop.callLater(
              when,
              () -> {
                assertEquals(when, loop.time(), "not early");
                log.add("" + seconds);
              });
      assertEquals(when, timer.when());
    }
    loop.callAt(Duration.ofDays(3), loop::stop);
    loop.runForever();
    loop.close();
    assertEquals(List.of("1", "2", "3"), log);
    assertEquals(Duration.ofDays(3), loop.time());
    long day = Duration.ofDays(1).toNanos();
    assertTrue(waits.stream().allMatch(nanos -> nanos <= day), waits::toString);
  }

  @Test
  void cancelledTimersCleaned() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          var cancelled = new ArrayList<WeakReference<TimerHandle>>();
          for (int i = 0; i < 90; i++) {
            loop.callLater(Duration.ofHours(1), () -> {});
            cancelled.add(cancelledTimer(Duration.ofHours(2)));
            cancelled.add(cancelledTimer(Duration.ofHours(3)));
          }
          ticks(2);
          while (cancelled.stream().anyMatch(timer -> timer.get() != null)) {
            System.gc(); // until none is left; the sooner ones are still in front of them
            ticks(1);
          }
        }));
  }

  private static WeakReference<TimerHandle> cancelledTimer(Duration delay) {
    TimerHandle timer = runningLoop().callLater(delay, () -> {});
    timer.cancel();
    return new WeakReference<>(timer);
  }

  @Test
  void callbackException() {
    var failure = new IllegalArgumentException("of a callback");
    var reports = new ArrayList<ExceptionContext>();
    AbstractEventLoop loop = virtualLoop();
    loop.setExceptionHandler((_, context) -> reports.add(context));
    Handle failing =
        loop.callSoon(() -> {
          throw failure;
        });
    loop.callSoon(() -> log.add("the loop goes on"));
    loop.callSoon(() -> {
      throw new KeyboardInterrupt("out");
    });
    loop.callSoon(() -> log.add("afterwards"));
    assertEquals("out", assertThrows(KeyboardInterrupt.class, loop::runForever).getMessage());
    assertEquals(List.of("the loop goes on"), log);
    assertEquals(1, reports.size());
    assertSame(failure, reports.getFirst().exception());
    assertSame(failing, reports.getFirst().handle());
    assertTrue(reports.getFirst().message().startsWith("Exception in callback"));
    loop.callSoon(() -> {
      throw new SystemExit(3);
    });
    assertEquals(3, assertThrows(SystemExit.class, loop::runForever).code());
    assertEquals(List.of("the loop goes on", "afterwards"), log, "nothing queued got lost");
    loop.close();
  }

  @Test
  void onePerThread() {
    AbstractEventLoop other = virtualLoop();
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          assertEquals(
              "This event loop is already running",
              assertThrows(IllegalStateException.class, loop::runForever).getMessage());
          assertTrue(
              assertThrows(IllegalStateException.class, other::runForever)
                  .getMessage()
                  .startsWith(
                      "Cannot run the event loop while another loop is running in this"
                          + " thread"));
          assertThrows(
              IllegalStateException.class, () -> other.runUntilComplete(other.createFuture()));
          var elsewhere = new CompletableFuture<Throwable>();
          Thread.ofPlatform()
              .start(() ->
                  elsewhere.complete(assertThrows(IllegalStateException.class, loop::runForever)));
          assertEquals("This event loop is already running", Asyncio.await(elsewhere).getMessage());
        }));
    other.close();
  }

  @Test
  void stopThenRunAgain() {
    AbstractEventLoop loop = virtualLoop();
    loop.callSoon(() -> {
      log.add("1");
      loop.stop();
      loop.callSoon(() -> log.add("3"));
    });
    loop.callSoon(() -> log.add("2"));
    Task<?> task = loop.createTask(async(() -> sleep(HOUR).await()));
    loop.runForever();
    assertEquals(List.of("1", "2"), log, "the batch is finished, no more");
    assertFalse(loop.isRunning());
    loop.runUntilComplete(task);
    assertEquals(List.of("1", "2", "3"), log);
    loop.stop(); // before it runs: one pass
    loop.callSoon(() -> {
      log.add("4");
      loop.callSoon(() -> log.add("never"));
    });
    loop.runForever();
    assertEquals("4", log.getLast());
    loop.close();
  }

  @Test
  void useAfterClose() {
    AbstractEventLoop loop = virtualLoop();
    loop.close();
    loop.close(); // harmless
    assertTrue(loop.isClosed());
    for (Runnable use :
        List.<Runnable>of(
            () -> loop.callSoon(() -> {}),
            () -> loop.callSoonThreadsafe(() -> {}),
            () -> loop.callLater(SECOND, () -> {}),
            () -> loop.callAt(SECOND, () -> {}),
            () -> loop.createTask(async(() -> {})),
            () -> loop.runInExecutor(null, () -> ""),
            loop::runForever,
            () -> loop.runUntilComplete(async(() -> "")))) {
      var refused = assertThrows(IllegalStateException.class, use::run);
      assertTrue(refused.getMessage().startsWith("Event loop is closed"), refused::getMessage);
    }
  }

  @Test
  void contextOfCallbacks() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      var.set("captured");
      loop.callSoon(() -> {
        log.add(var.get());
        var.set("the callback's own");
      });
      var given = new Context();
      Handle handle =
          loop.callSoon(
              () -> {
                log.add(var.get());
                var.set("left in the given one");
              },
              given);
      assertSame(given, handle.getContext());
      var.set("later");
      ticks(1);
      assertEquals(List.of("captured", "default"), log);
      assertEquals("later", var.get());
      assertEquals("left in the given one", given.get(var));
    });
  }

  @Test
  void threadsafeWakeup() throws InterruptedException {
    AbstractEventLoop loop = new SelectorEventLoop();
    var started = new CountDownLatch(1);
    loop.callSoon(started::countDown);
    Thread poster =
        Thread.ofPlatform()
            .start(() -> {
              try {
                started.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              Handle cancelled = loop.callSoonThreadsafe(() -> log.add("never"));
              cancelled.cancel();
              // The loop sleeps for ever, or is about to: only this can end it.
              loop.callSoonThreadsafe(() -> {
                log.add("woken");
                loop.stop();
              });
            });
    loop.runForever();
    poster.join();
    loop.close();
    assertEquals("woken", log.getLast());
    assertTrue(log.size() == 1 || log.size() == 2, "cancelling it may have come too late");
  }

  @Test
  void exceptionContextKeys() {
    var failure = new IOException("failure");
    run(() -> {
      runningLoop().setDebug(true);
      Future<String> future = runningLoop().createFuture();
      Task<?> task = start(() -> {});
      Handle handle = runningLoop().callSoon(() -> {});
      ExceptionContext ofFuture = ExceptionContext.of("message").exception(failure).future(future);
      assertEquals("message", ofFuture.message());
      assertSame(failure, ofFuture.exception());
      assertSame(future, ofFuture.future());
      assertNull(ofFuture.task());
      assertNull(ofFuture.handle());
      assertNull(ofFuture.transport());
      assertNull(ofFuture.protocol());
      assertTrue(ofFuture.sourceTraceback().toString().contains("LoopSurfaceTest.java"));
      assertSame(task, ExceptionContext.of("message").future(task).task());
      ExceptionContext ofHandle = ExceptionContext.of("message").handle(handle);
      assertSame(handle, ofHandle.handle());
      assertTrue(ofHandle.sourceTraceback().toString().contains("LoopSurfaceTest.java"));
      String text = ofFuture.toString();
      assertTrue(text.startsWith("message\nfuture: <Future pending"), text);
      assertTrue(text.contains("Object created at"), text);
    });
  }

  @Test
  void exceptionHandlerFails() {
    var failure = new IOException("the first");
    var ofHandler = new IllegalStateException("of the handler");
    var byDefault = new ArrayList<@Nullable Throwable>();
    var loop =
        new CustomLoop(new VirtualTime()) {
          @Override
          public void defaultExceptionHandler(ExceptionContext context) {
            byDefault.add(context.exception());
            throw new IllegalArgumentException("of the default handler");
          }
        };
    try (var logged = new AsyncioLog()) {
      loop.setExceptionHandler((_, _) -> {
        throw ofHandler;
      });
      loop.callSoon(
          () -> loop.callExceptionHandler(ExceptionContext.of("it happened").exception(failure)));
      loop.callSoon(() -> log.add("the loop goes on"));
      loop.callSoon(loop::stop);
      loop.runForever();
      assertTrue(byDefault.contains(ofHandler), byDefault::toString);
      assertEquals(List.of("the loop goes on"), log);
      assertTrue(
          logged.exceptions().stream().anyMatch(e -> e instanceof IllegalArgumentException),
          () -> logged.exceptions().toString());

      loop.setExceptionHandler((_, _) -> {
        throw new KeyboardInterrupt("even from there");
      });
      loop.callSoon(() -> loop.callExceptionHandler(ExceptionContext.of("again")));
      assertThrows(KeyboardInterrupt.class, loop::runForever);
    }
    loop.close();
  }

  @Test
  void exceptionHandlerContext() {
    var var = new ContextVar<>("var", "default");
    AbstractEventLoop loop = new SelectorEventLoop();
    loop.setExceptionHandler((_, context) -> log.add(var.get()));
    loop.callSoon(() -> {
      var.set("the callback's");
      throw new IllegalStateException();
    });
    loop.runUntilComplete(
        async(() -> {
          var.set("the main task's");
          failAndForget(var);
          while (log.size() < 2) {
            System.gc();
            start(() -> {})
                .await(); // another thread after the failed task's, which the JVM forgets
            sleep(Duration.ofMillis(1)).await();
          }
          Task<?> task = createTask(async(() -> var.set("some task's")));
          task.await();
          loop.callExceptionHandler(ExceptionContext.of("of a task").future(task));
        }));
    loop.close();
    assertEquals(List.of("the callback's", "the failed task's", "some task's"), log);
  }

  private static void failAndForget(ContextVar<String> var) {
    start(() -> {
      var.set("the failed task's");
      throw new IOException("unseen");
    });
  }

  @Test
  void defaultExecutorLazy() {
    Asyncio.run(
        async(() -> {
          assertEquals(List.of(), executorThreads());
          String name =
              runningLoop().runInExecutor(null, () -> Thread.currentThread().getName()).await();
          assertTrue(name.startsWith("asyncio_"), name);
        }));
  }

  private static List<Thread> executorThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("asyncio_"))
        .toList();
  }

  @Test
  void runInExecutorContext() {
    var var = new ContextVar<>("var", "default");
    Asyncio.run(
        async(() -> {
          var.set("the task's");
          assertEquals("default", runningLoop().runInExecutor(null, var::get).await());
          assertEquals("the task's", Asyncio.toThread(() -> var.get()).await());
        }));
  }

  @Test
  void executorCancel() {
    Asyncio.run(
        async(() -> {
          var began = new CompletableFuture<String>();
          var goOn = new CountDownLatch(1);
          var ended = new CompletableFuture<String>();
          Future<String> job =
              runningLoop()
                  .runInExecutor(
                      null,
                      () -> {
                        began.complete("");
                        goOn.await();
                        ended.complete("uninterrupted");
                        return "nobody waits for it";
                      });
          Asyncio.await(began);
          job.cancel();
          assertThrows(CancelledError.class, job::await);
          goOn.countDown();
          assertEquals("uninterrupted", Asyncio.await(ended));
        }));
  }

  @Test
  void asyncSubclassHooks() {
    var futures = new ArrayList<Future<?>>();
    var loop =
        new CustomLoop(new VirtualTime()) {
          @Override
          public <T extends @Nullable Object> Future<T> createFuture() {
            Future<T> future = super.createFuture();
            futures.add(future);
            return future;
          }
        };
    loop.setTaskFactory(
        new TaskFactory() {
          @Override
          public <T extends @Nullable Object> Task<T> create(
              AbstractEventLoop of, Coroutine<T> coroutine, TaskOptions options) {
            return Task.create(of, coroutine, options.name("made by the factory"));
          }
        });
    loop.runUntilComplete(
        async(() -> {
          assertEquals("made by the factory", currentTask().getName());
          for (Action use :
              List.<Action>of(
                  () -> sleep(SECOND).await(),
                  () -> Asyncio.shield(sleep(SECOND)).await(),
                  () -> Asyncio.waitUntil(List.of(createTask(sleep(SECOND)))).await(),
                  () -> Asyncio.waitFor(sleep(SECOND), HOUR).await(),
                  () -> Asyncio.gather(sleep(SECOND)).await(),
                  () -> loop.runInExecutor(Runnable::run, () -> "").await(),
                  () ->
                      TaskGroup.run(group -> {
                        Task<?> child = group.createTask(sleep(SECOND));
                        assertEquals("made by the factory", child.getName());
                      }))) {
            int before = futures.size();
            use.run();
            assertTrue(futures.size() > before);
          }
          return null;
        }));
    loop.close();
  }

  @Test
  void a_cancelled_handle_is_not_called() {
    run(() -> {
      Handle soon = runningLoop().callSoon(() -> log.add("soon"));
      TimerHandle later = runningLoop().callLater(SECOND, () -> log.add("later"));
      assertFalse(soon.cancelled() || later.cancelled());
      soon.cancel();
      later.cancel();
      later.cancel();
      assertTrue(soon.cancelled() && later.cancelled());
      sleep(HOUR).await();
      assertEquals(List.of(), log);
    });
  }

  @Test
  void run_until_complete_gives_the_outcome_of_coroutines_and_futures() {
    AbstractEventLoop loop = virtualLoop();
    assertEquals("result", loop.runUntilComplete(async(() -> "result")));
    var failure = new IOException("failure");
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () ->
                loop.runUntilComplete(
                    async(() -> {
                      throw failure;
                    }))));
    Future<String> future = loop.createFuture();
    loop.callLater(HOUR, () -> future.setResult("later"));
    assertEquals("later", loop.runUntilComplete(future));
    assertEquals(HOUR, loop.time());
    loop.close();
  }

  @Test
  void the_running_loop_is_known_in_tasks_and_callbacks_and_nowhere_else() {
    assertNull(AbstractEventLoop.runningOrNull());
    AbstractEventLoop loop = virtualLoop();
    loop.callSoon(() -> assertSame(loop, runningLoop()));
    loop.runUntilComplete(
        async(() -> {
          assertSame(loop, runningLoop());
          assertSame(loop, Asyncio.getRunningLoop());
          assertTrue(loop.isRunning());
        }));
    assertNull(AbstractEventLoop.runningOrNull());
    loop.close();
    assertInstanceOf(
        IllegalStateException.class,
        assertThrows(RuntimeException.class, AbstractEventLoop::running));
  }

  // --- TLS

  @Test
  void tlsDefaults() {
    assertEquals(Duration.ofSeconds(60), TlsOptions.defaults().handshakeTimeout());
    assertEquals(Duration.ofSeconds(30), TlsOptions.defaults().shutdownTimeout());
    TlsOptions tls = Asyncio.tls();
    ConnectOptions connect = ConnectOptions.defaults().ssl(tls);
    for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      var exc =
          assertThrows(IllegalArgumentException.class, () -> connect.sslHandshakeTimeout(none));
      assertEquals(
          "ssl_handshake_timeout should be a positive number, got " + none, exc.getMessage());
      exc = assertThrows(IllegalArgumentException.class, () -> connect.sslShutdownTimeout(none));
      assertEquals(
          "ssl_shutdown_timeout should be a positive number, got " + none, exc.getMessage());
      assertThrows(IllegalArgumentException.class, () -> tls.handshakeTimeout(none));
      assertThrows(IllegalArgumentException.class, () -> tls.shutdownTimeout(none));
    }
    // Without TLS its options make no sense, and a server needs a key.
    var plain = ConnectOptions.defaults();
    var exc = assertThrows(IllegalArgumentException.class, () -> plain.serverHostname("localhost"));
    assertTrue(exc.getMessage().startsWith("server_hostname is only meaningful with ssl"));
    var second = Duration.ofSeconds(1);
    assertThrows(IllegalArgumentException.class, () -> plain.sslHandshakeTimeout(second));
    assertThrows(IllegalArgumentException.class, () -> plain.sslShutdownTimeout(second));
    var server = ServerOptions.defaults();
    assertThrows(IllegalArgumentException.class, () -> server.sslHandshakeTimeout(second));
    assertThrows(IllegalArgumentException.class, () -> server.sslShutdownTimeout(second));
    exc = assertThrows(IllegalArgumentException.class, () -> server.ssl(tls));
    assertTrue(exc.getMessage().startsWith("ssl argument must be an SSLContext or None"));
  }

  @Test
  void signalsOnLoop() {
    Signals.assumed();
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          Future<AbstractEventLoop> heard = loop.createFuture();
          loop.addSignalHandler(
              "SIGWINCH",
              () -> {
                loop.callSoon(() -> heard.setResult(runningLoop())); // it may use the loop
              });
          Signals.send("WINCH", ProcessHandle.current().pid());
          assertSame(loop, heard.await());
          assertTrue(loop.removeSignalHandler("WINCH"));
          assertFalse(loop.removeSignalHandler("WINCH"));
        }));
  }
}

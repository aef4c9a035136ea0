package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.timeout;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Blocking calls of the JDK inside a coroutine. In each test it is another task, the ticker, that
 * lets the call end: had the call stopped the loop, neither would ever go on.
 */
@Timeout(60)
class BlockingCallsTest {
  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  @BeforeEach
  void only_on_the_carried_engine() {
    Carried.assumed("a blocking JDK call stalls the loop of the portable engine, as in Python");
  }

  /** Runs a body on the real clock; errors that nobody looks at fail the test. */
  private static void run(Action body) {
    List<ExceptionContext> reports = new ArrayList<>();
    Asyncio.run(
        async(() -> {
          runningLoop().setExceptionHandler((_, context) -> reports.add(context));
          body.run();
        }));
    assertEquals(List.of(), reports);
  }

  /** The ticker: some turns of the loop, and then what lets the call end. */
  private static Task<?> tickThen(Action release) {
    return start(() -> {
      ticks(20);
      release.run();
    });
  }

  /** The call gives {@code expected} after the ticker has released it. */
  private static <T> void assertLetsTheLoopGoOn(T expected, Callable<T> call, Action release) {
    Task<T> blocked = createTask(async(call));
    Task<?> ticker = tickThen(release);
    assertEquals(expected, blocked.await());
    ticker.await();
  }

  /** Cancelling interrupts the call: the task ends cancelled without anybody releasing it. */
  private void assertCanBeCancelled(Callable<?> call) {
    Task<?> blocked =
        createTask(
            async(() -> {
              try {
                return call.call();
              } finally {
                log.add("finally");
              }
            }));
    tickThen(() -> blocked.cancel("enough"));
    var told = assertThrows(CancelledError.class, blocked::await);
    assertEquals("enough", told.message());
    assertNotNull(told.getCause(), "what the call threw");
    assertTrue(blocked.cancelled());
    assertEquals("finally", log.getLast());
  }

  /** A timeout around the call ends it. */
  private static void assertCanTimeOut(Callable<?> call) {
    Duration timeLimit = SHORT;
    assertThrows(TimeoutException.class, () -> timeout(timeLimit, call));
    assertFalse(Thread.currentThread().isInterrupted());
    ticks(2); // and nothing of it is left
    assertThrows(TimeoutException.class, () -> Asyncio.waitFor(async(call), timeLimit).await());
  }

  @Test
  void thread_sleep() {
    run(() -> {
      assertCanBeCancelled(BlockingCallsTest::sleepForAnHour);
      assertCanTimeOut(BlockingCallsTest::sleepForAnHour);
      Task<?> blocked =
          start(() -> {
            Thread.sleep(SHORT);
            log.add("slept");
          });
      int ticked = 0;
      while (!blocked.done()) {
        ticks(1);
        ticked++;
      }
      assertTrue(ticked > 1, "the loop went on meanwhile");
      assertEquals("slept", log.getLast());
    });
  }

  private static String sleepForAnHour() throws InterruptedException {
    Thread.sleep(HOUR);
    return "never";
  }

  @Test
  void accepting_and_reading_on_sockets() throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      run(() -> {
        var clients = new ArrayList<Socket>();
        var accepted = new ArrayList<Socket>();
        assertLetsTheLoopGoOn(
            true, () -> accepted.add(server.accept()), () -> clients.add(connectTo(server)));
        try (Socket client = clients.getFirst();
            Socket peer = accepted.getFirst()) {
          assertLetsTheLoopGoOn(
              42, () -> peer.getInputStream().read(), () -> client.getOutputStream().write(42));
        }
      });
    }
  }

  private static Socket connectTo(ServerSocket server) throws IOException {
    return new Socket(server.getInetAddress(), server.getLocalPort());
  }

  @Test
  void a_cancelled_read_of_a_socket() throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      run(() -> {
        try (Socket client = connectTo(server);
            Socket peer = server.accept()) {
          assertCanBeCancelled(() -> peer.getInputStream().read());
          assertTrue(peer.isClosed(), "so the JDK answers an interrupt");
          assertEquals(-1, client.getInputStream().read());
        }
      });
    }
  }

  @Test
  void a_cancelled_accept() {
    run(() -> {
      assertCanBeCancelled(BlockingCallsTest::acceptNobody);
      assertCanTimeOut(BlockingCallsTest::acceptNobody);
    });
  }

  private static Socket acceptNobody() throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      return server.accept();
    }
  }

  @Test
  void a_contended_monitor() {
    var monitor = new Object();
    run(() -> {
      Future<String> goOn = runningLoop().createFuture();
      Task<?> owner =
          start(() -> {
            synchronized (monitor) {
              goOn.await();
            }
          });
      ticks(1);
      assertLetsTheLoopGoOn("entered", () -> enter(monitor), () -> goOn.setResult(""));
      owner.await();
    });
  }

  private static String enter(Object monitor) {
    synchronized (monitor) {
      return "entered";
    }
  }

  @Test
  void entering_a_monitor_cannot_be_interrupted_so_the_task_ends_cancelled_when_it_is_in() {
    var monitor = new Object();
    run(() -> {
      Future<String> goOn = runningLoop().createFuture();
      Task<?> owner =
          start(() -> {
            synchronized (monitor) {
              goOn.await();
            }
          });
      ticks(1);
      Task<?> blocked = createTask(async(() -> log.add(enter(monitor))));
      ticks(5);
      blocked.cancel();
      ticks(5);
      assertFalse(blocked.done());
      goOn.setResult("");
      assertThrows(CancelledError.class, blocked::await);
      assertEquals(List.of("entered"), log);
      owner.await();
    });
  }

  @Test
  void object_wait() {
    var monitor = new Object();
    run(() -> {
      assertLetsTheLoopGoOn(
          "notified",
          () -> waitFor(monitor),
          () -> {
            synchronized (monitor) {
              monitor.notifyAll();
            }
          });
      assertCanBeCancelled(() -> waitFor(monitor));
      assertCanTimeOut(() -> waitFor(monitor));
    });
  }

  @SuppressWarnings("WaitNotInLoop")
  private static String waitFor(Object monitor) throws InterruptedException {
    synchronized (monitor) {
      monitor.wait();
      return "notified";
    }
  }

  @Test
  void a_contended_lock() {
    var lock = new ReentrantLock();
    run(() -> {
      Future<String> goOn = runningLoop().createFuture();
      Task<?> owner = ownerOf(lock, goOn);
      assertCanBeCancelled(() -> lockInterruptibly(lock));
      assertCanTimeOut(() -> lockInterruptibly(lock));
      assertLetsTheLoopGoOn("locked", () -> lockInterruptibly(lock), () -> goOn.setResult(""));
      owner.await();
      assertFalse(lock.isLocked());

      Future<String> goOnAgain = runningLoop().createFuture();
      Task<?> again = ownerOf(lock, goOnAgain);
      assertLetsTheLoopGoOn("locked", () -> lock(lock), () -> goOnAgain.setResult(""));
      again.await();
    });
  }

  private static Task<?> ownerOf(ReentrantLock lock, Future<String> goOn) {
    Task<?> owner =
        start(() -> {
          lock.lock();
          try {
            goOn.await();
          } finally {
            lock.unlock();
          }
        });
    ticks(1);
    return owner;
  }

  private static String lockInterruptibly(ReentrantLock lock) throws InterruptedException {
    lock.lockInterruptibly();
    lock.unlock();
    return "locked";
  }

  private static String lock(ReentrantLock lock) {
    lock.lock();
    lock.unlock();
    return "locked";
  }

  @Test
  void locking_cannot_be_interrupted_so_the_task_ends_cancelled_when_it_has_the_lock() {
    var lock = new ReentrantLock();
    run(() -> {
      Future<String> goOn = runningLoop().createFuture();
      Task<?> owner = ownerOf(lock, goOn);
      Task<?> blocked = createTask(async(() -> log.add(lock(lock))));
      ticks(5);
      blocked.cancel();
      ticks(5);
      assertFalse(blocked.done());
      goOn.setResult("");
      assertThrows(CancelledError.class, blocked::await);
      assertEquals(List.of("locked"), log);
      owner.await();
    });
  }

  @Test
  void taking_from_a_blocking_queue() {
    var queue = new LinkedBlockingQueue<String>();
    run(() -> {
      assertLetsTheLoopGoOn("item", queue::take, () -> queue.put("item"));
      assertCanBeCancelled(queue::take);
      assertCanTimeOut(queue::take);
    });
  }

  @Test
  void sending_with_an_http_client() throws IOException {
    var answer = new CountDownLatch(1);
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange ->
            Thread.startVirtualThread(() -> {
              try (exchange) {
                answer.await();
                exchange.sendResponseHeaders(200, -1);
              } catch (IOException clientIsGone) {
                exchange.close();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            }));
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      Callable<Integer> send =
          () -> client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      run(() -> {
        assertCanBeCancelled(send);
        assertCanTimeOut(send);
        assertLetsTheLoopGoOn(200, send, answer::countDown);
      });
    } finally {
      answer.countDown();
      server.stop(0);
    }
  }

  @Test
  void getting_a_completable_future() {
    var never = new CompletableFuture<String>();
    run(() -> {
      var stage = new CompletableFuture<String>();
      assertLetsTheLoopGoOn("there", stage::get, () -> stage.complete("there"));
      var another = new CompletableFuture<String>();
      assertLetsTheLoopGoOn("there", another::join, () -> another.complete("there"));
      assertCanBeCancelled(never::get);
      assertCanTimeOut(never::get);
    });
  }

  @Test
  void joining_cannot_be_interrupted_so_the_task_ends_cancelled_when_the_join_is_over() {
    run(() -> {
      var stage = new CompletableFuture<String>();
      Task<?> blocked = createTask(async(() -> log.add(stage.join())));
      ticks(5);
      blocked.cancel();
      ticks(5);
      assertFalse(blocked.done());
      stage.complete("there");
      assertThrows(CancelledError.class, blocked::await);
      assertEquals(List.of("there"), log);
    });
  }

  @Test
  void a_timeout_around_a_call_that_cannot_be_interrupted_strikes_when_it_is_over() {
    run(() -> {
      var stage = completedWhenCancelled(Asyncio.currentTask());
      assertThrows(
          TimeoutException.class,
          () ->
              timeout(
                  SHORT,
                  (Action)
                      () -> {
                        log.add(stage.join());
                        ticks(1);
                        log.add("never");
                      }));
      assertEquals(List.of("there"), log);
    });
  }

  @Test
  void an_interrupt_that_came_too_late_does_not_hit_the_next_call() {
    run(() -> {
      var stage = completedWhenCancelled(Asyncio.currentTask());
      // The body ends as if nothing had happened, so there was no timeout.
      assertEquals("there", timeout(SHORT, stage::join));
      Thread.sleep(1);
      log.add("slept");
    });
    assertEquals(List.of("slept"), log);
  }

  private static CompletableFuture<String> completedWhenCancelled(Task<?> task) {
    var stage = new CompletableFuture<String>();
    start(() -> {
      while (task.cancelling() == 0) {
        ticks(1);
      }
      stage.complete("there");
    });
    return stage;
  }

  @Test
  void waiting_for_a_process() throws IOException {
    run(() -> {
      var processes = new ArrayList<Process>();
      try {
        assertLetsTheLoopGoOn(
            0,
            () -> {
              processes.add(new ProcessBuilder("cat").start());
              return processes.getFirst().waitFor();
            },
            () -> processes.getFirst().getOutputStream().close()); // the end of its input
        processes.add(new ProcessBuilder("cat").start());
        assertCanBeCancelled(processes.getLast()::waitFor);
        assertCanTimeOut(processes.getLast()::waitFor);
        assertTrue(processes.getLast().isAlive());
      } finally {
        processes.forEach(Process::destroyForcibly);
      }
    });
  }

  @Test
  void a_task_that_answers_the_interrupt_itself_may_go_on() {
    run(() -> {
      Task<String> task =
          createTask(
              async(() -> {
                try {
                  return sleepForAnHour();
                } catch (InterruptedException e) {
                  log.add("interrupted");
                }
                Thread.sleep(1); // told once per request
                try {
                  sleep(HOUR).await();
                } catch (CancelledError e) {
                  log.add("cancelled");
                }
                return "refused";
              }));
      tickThen(task::cancel);
      assertEquals("refused", task.await());
      assertEquals(List.of("interrupted", "cancelled"), log);
    });
  }

  @Test
  void an_interrupt_that_libraries_wrap_in_exceptions_of_their_own_is_the_cancellation_too() {
    run(() ->
        assertCanBeCancelled(() -> {
          try {
            return sleepForAnHour();
          } catch (InterruptedException e) {
            throw new IllegalStateException("wrapped", new IOException(e));
          }
        }));
  }

  @Test
  void code_that_restores_the_interrupt_status_as_java_code_does_is_cancelled_at_its_next_await() {
    run(() -> {
      Task<?> task =
          start(() -> {
            try {
              sleepForAnHour();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            log.add("went on");
            ticks(1);
            log.add("never");
          });
      tickThen(task::cancel);
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of("went on"), log);
    });
  }

  @Test
  void a_task_that_has_cancelled_itself_gets_no_further_than_its_next_blocking_call() {
    run(() -> {
      Task<?> task =
          start(() -> {
            Asyncio.currentTask().cancel();
            log.add("went on");
            sleepForAnHour();
          });
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of("went on"), log);
    });
  }

  @Test
  void other_exceptions_of_a_call_that_was_interrupted_stay_what_they_are() {
    var failure = new IOException("something else");
    run(() -> {
      Task<?> task =
          start(() -> {
            try {
              sleepForAnHour();
            } catch (InterruptedException e) {
              throw failure;
            }
          });
      tickThen(task::cancel);
      assertEquals(failure, assertThrows(IOException.class, task::await));
    });
  }

  @Test
  void a_cancellation_reaches_a_blocking_call_in_a_coroutine_that_is_awaited() {
    run(() -> {
      Task<?> task =
          start(() -> {
            try {
              async(BlockingCallsTest::sleepForAnHour).await();
            } catch (CancelledError e) {
              log.add("cancelled");
              throw e;
            }
          });
      tickThen(task::cancel);
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of("cancelled"), log);
    });
  }

  @Test
  void a_group_whose_child_fails_interrupts_the_blocking_calls_of_the_others() {
    run(() -> {
      var failure = new IOException("of a child");
      var group =
          assertThrows(
              ExceptionGroup.class,
              () ->
                  TaskGroup.run(g -> {
                    g.createTask(async(BlockingCallsTest::sleepForAnHour));
                    g.createTask(
                        async(() -> {
                          ticks(5);
                          throw failure;
                        }));
                    sleepForAnHour();
                  }));
      assertEquals(List.of(failure), group.exceptions());
    });
  }

  @Test
  void the_current_task_and_context_are_known_after_a_blocking_call() {
    var var = new ContextVar<>("var", "default");
    run(() -> {
      Task<?> task =
          start(() -> {
            var.set("mine");
            Task<?> before = Asyncio.currentTask();
            var inner = new Context();
            inner.run(() -> {
              var.set("inner");
              Thread.sleep(1);
              assertEquals("inner", var.get());
              return null;
            });
            Thread.sleep(1);
            assertEquals(before, Asyncio.currentTask());
            assertEquals("mine", var.get());
            ticks(1);
            assertEquals("mine", var.get());
            log.add("checked");
          });
      while (!task.done()) {
        assertEquals("default", var.get());
        ticks(1);
      }
      task.await();
      assertEquals(List.of("checked"), log);
    });
  }

  @Test
  void an_eager_task_that_blocks_lets_its_creator_go_on() {
    run(() -> {
      var latch = new CountDownLatch(1);
      Task<String> eager =
          createTask(
              async(() -> {
                latch.await();
                ticks(1);
                return "ended";
              }),
              TaskOptions.defaults().eagerStart(true));
      assertFalse(eager.done());
      latch.countDown();
      assertEquals("ended", eager.await());
    });
  }

  @Test
  void thread_yield_lets_the_loop_go_on() {
    run(() -> {
      Task<?> yielding =
          start(() -> {
            for (int i = 0; i < 3; i++) {
              log.add("yields");
              Thread.yield();
            }
          });
      Task<?> other =
          start(() -> {
            for (int i = 0; i < 3; i++) {
              log.add("other");
              ticks(1);
            }
          });
      yielding.await();
      other.await();
      assertEquals(List.of("yields", "other", "yields", "other", "yields", "other"), log);
    });
  }

  @Test
  void a_thousand_tasks_block_at_the_same_time() {
    run(() -> {
      int count = 1000;
      var all = new CountDownLatch(count);
      var tasks = new ArrayList<Coroutine<String>>();
      for (int i = 0; i < count; i++) {
        tasks.add(
            async(() -> {
              all.countDown();
              all.await(); // each waits for every other
              return "through";
            }));
      }
      assertEquals(count, Asyncio.gather(tasks).await().size());
    });
  }
}

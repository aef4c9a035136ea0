package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The trace of an exception shows the whole way up, through every coroutine and task. */
@Timeout(60)
class StackTraceTest {

  private static Coroutine<String> innermost() {
    return async(StackTraceTest::fails);
  }

  private static String fails() throws IOException {
    ticks(1);
    throw new IOException("down there");
  }

  private static Coroutine<String> middle() {
    return async(StackTraceTest::awaitsATask);
  }

  private static String awaitsATask() {
    return createTask(innermost(), "inner").await();
  }

  private static String awaitsACoroutine() {
    return middle().await();
  }

  private static List<String> methodsOf(Throwable e) {
    return Arrays.stream(e.getStackTrace())
        .filter(frame -> frame.getClassName().startsWith(StackTraceTest.class.getName()))
        .map(StackTraceElement::getMethodName)
        .filter(method -> !method.startsWith("lambda"))
        .toList();
  }

  @Test
  void an_exception_that_crosses_tasks_shows_the_frames_that_await_it() {
    run(() -> {
      Task<String> outer = createTask(async(StackTraceTest::awaitsACoroutine), "outer");
      var thrown = assertThrows(IOException.class, outer::await);
      assertEquals(List.of("fails", "awaitsATask", "awaitsACoroutine"), methodsOf(thrown));
      String trace = Arrays.toString(thrown.getStackTrace());
      assertTrue(trace.contains("awaitedBy('outer')"), trace);
    });
  }

  @Test
  void an_exception_that_leaves_run_shows_them_all() {
    var thrown =
        assertThrows(IOException.class, () -> Asyncio.run(async(StackTraceTest::awaitsACoroutine)));
    assertEquals(List.of("fails", "awaitsATask", "awaitsACoroutine"), methodsOf(thrown));
  }

  @Test
  void frames_of_the_engine_room_are_left_out() {
    var thrown =
        assertThrows(IOException.class, () -> Asyncio.run(async(StackTraceTest::awaitsACoroutine)));
    for (StackTraceElement frame : thrown.getStackTrace()) {
      String name = frame.getClassName();
      assertTrue(
          !name.startsWith("dev.asyncio.engine.") && !name.startsWith("java.lang.VirtualThread"),
          () -> Arrays.toString(thrown.getStackTrace()));
    }
  }

  @Test
  void gathering_shows_who_gathers() {
    run(() -> {
      var thrown = assertThrows(IOException.class, StackTraceTest::gathers);
      assertEquals(List.of("fails", "gathers"), methodsOf(thrown).subList(0, 2));
    });
  }

  private static void gathers() {
    gather(innermost()).await();
  }

  @Test
  void a_trace_does_not_grow_without_end() {
    run(() -> {
      Task<String> failing = createTask(innermost());
      IOException first = assertThrows(IOException.class, failing::await);
      for (int i = 0; i < 1000; i++) {
        assertSame(first, assertThrows(IOException.class, failing::await));
      }
      assertTrue(first.getStackTrace().length < 500);
    });
  }

  @Test
  void a_chain_of_a_thousand_tasks_is_shown_as_far_as_it_helps() {
    run(() -> {
      var thrown = assertThrows(IOException.class, () -> chain(1000).await());
      assertEquals("fails", methodsOf(thrown).getFirst());
      assertTrue(thrown.getStackTrace().length < 1000);
    });
  }

  private static Coroutine<String> chain(int length) {
    return async(() -> length == 0 ? fails() : createTask(chain(length - 1)).await());
  }
}

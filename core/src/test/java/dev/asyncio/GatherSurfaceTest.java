package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.gatherReturningExceptions;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One future for many. */
@Timeout(60)
class GatherSurfaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  private static Coroutine<String> after(Duration delay, String result) {
    return sleep(delay, result);
  }

  private static Coroutine<String> failingAfter(Duration delay, Exception failure) {
    return async(() -> {
      sleep(delay).await();
      throw failure;
    });
  }

  @Test
  void order() {
    run(() -> {
      Coroutine<String> twice = after(SECOND, "twice");
      assertEquals(
          List.of("last", "twice", "first", "twice"),
          gather(after(SECOND.multipliedBy(3), "last"), twice, after(SECOND, "first"), twice)
              .await());
      assertEquals(Duration.ofSeconds(3), runningLoop().time(), "together, not in turn");
    });
  }

  @Test
  void empty() {
    run(() -> {
      Future<List<String>> none = gather(List.of());
      assertTrue(none.done());
      assertEquals(List.of(), none.await());
      assertEquals(List.of(), gatherReturningExceptions().result());
    });
  }

  @Test
  void firstException() {
    var first = new IOException("first");
    run( // fails if a later failure is reported as never retrieved
        () -> {
          Task<String> slow = createTask(after(HOUR, "slow"));
          Task<String> alsoFailing =
              createTask(failingAfter(SECOND.multipliedBy(2), new IOException("later")));
          Future<List<String>> all = gather(slow, failingAfter(SECOND, first), alsoFailing);
          assertSame(first, assertThrows(IOException.class, all::await));
          assertEquals(SECOND, runningLoop().time(), "at once");
          assertFalse(slow.done());
          assertEquals("slow", slow.await(), "the rest runs on");
          assertTrue(alsoFailing.done());
        });
  }

  @Test
  void cancelOuter() {
    for (boolean returningExceptions : new boolean[] {false, true}) {
      run(() -> {
        Task<String> done = createTask(after(SECOND, "done"));
        Task<String> a = createTask(after(HOUR, "a"));
        Task<String> b = createTask(after(HOUR, "b"));
        Future<?> all =
            returningExceptions ? gatherReturningExceptions(done, a, b) : gather(done, a, b);
        sleep(SECOND.multipliedBy(2)).await();
        assertTrue(all.cancel("all"));
        var told = assertThrows(CancelledError.class, all::await);
        assertEquals("all", told.message());
        assertTrue(a.cancelled() && b.cancelled());
        assertEquals("done", done.result());
        assertFalse(all.cancel(), "it is done");
      });
    }
  }

  @Test
  void childCancel() {
    run(() -> {
      Task<String> child = createTask(after(HOUR, "child"));
      Task<String> sibling = createTask(after(SECOND, "sibling"));
      Future<List<String>> all = gather(child, sibling);
      ticks(1);
      child.cancel("only me");
      var told = assertThrows(CancelledError.class, all::await);
      assertEquals("only me", told.message());
      assertFalse(all.cancelled(), "it failed with the error of the child");
      assertFalse(sibling.done());
      assertEquals("sibling", sibling.await());
    });
  }

  @Test
  void exceptions_come_as_results_where_that_is_asked_for() {
    var failure = new IOException("a result");
    run(() -> {
      Task<String> cancelled = createTask(after(HOUR, "never"));
      var results =
          gatherReturningExceptions(
              after(SECOND, "fine"), failingAfter(SECOND, failure), cancelled);
      ticks(1);
      cancelled.cancel();
      List<@Nullable Object> list = results.await();
      assertEquals("fine", list.get(0));
      assertSame(failure, list.get(1));
      assertInstanceOf(CancelledError.class, list.get(2));
    });
  }

  @Test
  void cancelling_whoever_awaits_it_cancels_the_children() {
    run(() -> {
      Task<String> child = createTask(after(HOUR, "child"));
      Task<?> waiter = start(() -> gather(child).await());
      ticks(1);
      waiter.cancel();
      assertThrows(CancelledError.class, waiter::await);
      assertTrue(child.cancelled());
    });
  }

  @Test
  void ten_thousand_children_are_gathered_in_order() {
    run(() -> {
      var children = new ArrayList<Coroutine<Integer>>();
      for (int i = 0; i < 10_000; i++) {
        int number = i;
        children.add(
            async(() -> {
              ticks(number % 3);
              return number;
            }));
      }
      List<Integer> results = gather(children).await();
      for (int i = 0; i < 10_000; i++) {
        assertEquals(i, results.get(i));
      }
      assertEquals(List.of(), log);
    });
  }
}

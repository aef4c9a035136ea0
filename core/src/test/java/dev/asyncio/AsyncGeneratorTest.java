package dev.asyncio;

import static dev.asyncio.Asyncio.aiter;
import static dev.asyncio.Asyncio.anext;
import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.waitFor;
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
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Iterating generators. */
@Timeout(60)
class AsyncGeneratorTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<Object> log = new ArrayList<>();

  private static AsyncGenerator<Integer> countdown(int from) {
    return AsyncGenerator.of(y -> {
      for (int i = from; i > 0; i--) {
        sleep(SECOND).await();
        y.yield(i);
      }
    });
  }

  // ---- iterating

  @Test
  void a_plain_for_waits_for_the_items() {
    run(() -> {
      Duration begin = runningLoop().time();
      for (int i : countdown(3)) {
        log.add(i);
      }
      assertEquals(List.of(3, 2, 1), log);
      assertEquals(Duration.ofSeconds(3), runningLoop().time().minus(begin));
    });
  }

  @Test
  void nothing_runs_before_the_first_item_is_asked_for() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            log.add("begun");
            y.yield(1);
            log.add("after");
          });
      ticks(2);
      assertEquals(List.of(), log);
      assertEquals(1, generator.next());
      ticks(2);
      assertEquals(List.of("begun"), log, "it stands at its yield");
      assertFalse(generator.hasNext());
      assertEquals(List.of("begun", "after"), log);
      assertFalse(generator.hasNext());
      assertThrows(NoSuchElementException.class, generator::next);
    });
  }

  @Test
  void an_item_that_is_ready_costs_no_turn_of_the_loop() {
    run(() -> {
      runningLoop().callSoon(() -> log.add("the loop turned"));
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            for (int i = 0; i < 100; i++) {
              y.yield(i);
            }
          });
      assertEquals(100, generator.toList().await().size());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void other_tasks_run_while_the_body_waits() {
    run(() -> {
      Task<?> other =
          start(() -> {
            for (int i = 0; i < 3; i++) {
              log.add("other");
              sleep(SECOND).await();
            }
          });
      for (int i : countdown(3)) {
        log.add(i);
      }
      other.await();
      assertEquals(List.of("other", 3, "other", 2, "other", 1), log);
    });
  }

  @Test
  void null_is_an_item_like_any_other() {
    run(() -> {
      AsyncGenerator<Object> generator =
          AsyncGenerator.of(y -> {
            y.yield(null);
            y.yield("x");
          });
      assertEquals(Arrays.asList(null, "x"), generator.toList().await());
    });
  }

  @Test
  void anext_gives_items_as_coroutines() {
    run(() -> {
      AsyncIterator<Integer> iterator = aiter(countdown(2));
      assertThrows(
          TimeoutException.class, () -> waitFor(iterator.anext(), SECOND.dividedBy(2)).await());
      AsyncIterator<Integer> whole = countdown(2).aiter();
      assertEquals(2, whole.anext().await());
      assertEquals(1, anext(whole).await());
      assertEquals(0, whole.anext(0).await());
      assertEquals(0, anext(whole, 0).await());
      assertThrows(NoSuchElementException.class, () -> whole.anext().await());
      assertThrows(NoSuchElementException.class, () -> anext(whole).await());
      assertEquals(7, anext(List.of(7).iterator()).await(), "any iterator will do");
    });
  }

  @Test
  void has_next_may_be_asked_several_times() {
    run(() -> {
      AsyncGenerator<Integer> generator = countdown(2);
      assertTrue(generator.hasNext());
      assertTrue(generator.hasNext());
      assertEquals(2, generator.next());
      assertEquals(1, generator.next());
      assertFalse(generator.hasNext());
    });
  }

  @Test
  void generators_nest() {
    run(() -> {
      AsyncGenerator<Integer> doubled =
          AsyncGenerator.of(y -> {
            for (int i : countdown(3)) {
              y.yield(2 * i);
              sleep(SECOND).await();
            }
          });
      AsyncGenerator<String> named =
          AsyncGenerator.of(y -> {
            for (int i : doubled) {
              y.yield("n" + i);
            }
          });
      assertEquals(List.of("n6", "n4", "n2"), named.toList().await());
    });
  }

  @Test
  void generators_are_iterated_side_by_side() {
    run(() -> {
      AsyncGenerator<Integer> left = countdown(3);
      AsyncGenerator<Integer> right = countdown(3);
      while (left.hasNext() && right.hasNext()) {
        log.add(left.next() + right.next());
      }
      assertEquals(List.of(6, 4, 2), log);
    });
  }

  @Test
  void one_generator_may_go_from_task_to_task() {
    run(() -> {
      AsyncGenerator<Task<?>> generator =
          AsyncGenerator.of(y -> {
            while (true) {
              sleep(SECOND).await();
              y.yield(currentTask());
            }
          });
      Task<?> other = createTask(async(() -> log.add(generator.next())));
      other.await();
      assertSame(other, log.getFirst());
      assertSame(currentTask(), generator.next());
      generator.aclose().await();
    });
  }

  // ---- errors

  @Test
  void what_the_body_throws_comes_out_where_the_item_was_asked_for() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            y.yield(1);
            throw new IOException("gone");
          });
      assertEquals(1, generator.next());
      var e = assertThrows(IOException.class, generator::hasNext);
      assertEquals("gone", e.getMessage());
      List<String> methods =
          Arrays.stream(e.getStackTrace()).map(StackTraceElement::getMethodName).toList();
      assertTrue(methods.contains("iteratedBy"), methods::toString);
      assertEquals(0, e.getSuppressed().length);
      assertFalse(generator.hasNext(), "it has ended");
    });
  }

  @Test
  void only_the_body_may_yield() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            y.yield(1);
            createTask(async(() -> y.yield(2))).await();
          });
      assertEquals(1, generator.next());
      var e = assertThrows(IllegalStateException.class, generator::hasNext);
      assertTrue(e.getMessage().startsWith("yield outside of the generator"), e::getMessage);

      AsyncGenerator<Integer> entering =
          AsyncGenerator.of(y -> new Context().run(() -> y.yield(1)));
      e = assertThrows(IllegalStateException.class, entering::hasNext);
      assertTrue(e.getMessage().startsWith("yield inside Context.run"), e::getMessage);
    });
  }

  @Test
  void it_belongs_to_the_loop_of_its_first_item() {
    AsyncGenerator<Integer> generator = countdown(2);
    AbstractEventLoop first = Asyncio.newEventLoop();
    try {
      first.runUntilComplete(async(() -> assertTrue(first == runningLoop())));
      first.runUntilComplete(async(() -> AsyncGenerator.of(y -> y.yield(1)).aclose().await()));
      AsyncGenerator<Integer> begun = AsyncGenerator.of(y -> y.yield(1));
      first.runUntilComplete(async(() -> begun.next()));
      run(() -> {
        var e = assertThrows(IllegalStateException.class, begun::hasNext);
        assertTrue(e.getMessage().contains("different event loop"), e::getMessage);
        assertEquals(2, generator.next());
        generator.aclose().await();
      });
    } finally {
      first.close();
    }
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
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
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reaching into a generator, and ending one. */
@Timeout(60)
class AsyncGeneratorClosingTest {
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

  // ---- asend, athrow, aclose

  @Test
  void asend_gives_the_yield_a_value() {
    run(() -> {
      AsyncGenerator<Integer> adding =
          AsyncGenerator.of(y -> {
            int sum = 0;
            while (sum < 10) {
              Object got = y.yield(sum);
              sleep(SECOND).await();
              sum += got == null ? 1 : (int) got;
            }
          });
      assertThrows(IllegalArgumentException.class, () -> adding.asend(1).await());
      assertEquals(0, adding.asend(null).await());
      assertEquals(5, adding.asend(5).await());
      assertEquals(6, adding.next(), "plain iteration sends null");
      assertTrue(adding.hasNext());
      assertThrows(IllegalStateException.class, () -> adding.asend(1).await());
      assertEquals(7, adding.next());
      assertThrows(NoSuchElementException.class, () -> adding.asend(3).await());
    });
  }

  @Test
  void athrow_throws_at_the_yield() {
    run(() -> {
      AsyncGenerator<String> catching =
          AsyncGenerator.of(y -> {
            try {
              y.yield("first");
            } catch (Exception e) {
              y.yield(e.getMessage());
            }
          });
      catching.next();
      assertEquals("oops", catching.athrow(new IOException("oops")).await());
      var error = new IOException("again");
      assertSame(error, assertThrows(IOException.class, () -> catching.athrow(error).await()));
      assertThrows(NoSuchElementException.class, () -> catching.athrow(error).await());

      AsyncGenerator<String> unbegun = AsyncGenerator.of(y -> log.add("begun"));
      assertThrows(IOException.class, () -> unbegun.athrow(error).await());
      assertFalse(unbegun.hasNext());
      assertEquals(List.of(), log);
    });
  }

  @Test
  void aclose_runs_the_clean_up_which_may_wait() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            try {
              y.yield(1);
              log.add("not reached");
            } catch (Exception e) {
              log.add("no exception");
            } finally {
              sleep(SECOND).await();
              log.add("cleaned up");
            }
          });
      assertTrue(generator.hasNext());
      generator.aclose().await();
      assertEquals(List.of("cleaned up"), log);
      assertFalse(generator.hasNext(), "the fetched item is gone as well");
      generator.aclose().await(); // once more does nothing
      AsyncGenerator<Integer> unbegun = countdown(1);
      unbegun.aclose().await();
      assertFalse(unbegun.hasNext());
    });
  }

  @Test
  void aclose_throws_what_the_clean_up_throws() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            try {
              y.yield(1);
            } finally {
              fail("in clean-up");
            }
          });
      generator.next();
      assertThrows(AssertionError.class, () -> generator.aclose().await());
      assertFalse(generator.hasNext());
    });
  }

  @Test
  void a_body_that_yields_while_it_is_closed_is_an_error() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            try {
              y.yield(1);
            } finally {
              y.yield(2);
            }
          });
      generator.next();
      var e = assertThrows(IllegalStateException.class, () -> generator.aclose().await());
      assertTrue(e.getMessage().startsWith("async generator ignored GeneratorExit"), e::getMessage);
      generator.aclose().await(); // stands at the second yield
    });
  }

  @Test
  void a_cancelled_clean_up_ends_the_generator() {
    run(() -> {
      AsyncGenerator<Integer> generator =
          AsyncGenerator.of(y -> {
            try {
              y.yield(1);
            } finally {
              try {
                sleep(SECOND).await();
              } finally {
                log.add("cut short");
              }
            }
          });
      generator.next();
      Task<?> closing = createTask(generator.aclose());
      ticks(1);
      closing.cancel();
      assertThrows(CancelledError.class, closing::await);
      assertEquals(List.of("cut short"), log);
      assertFalse(generator.hasNext());
    });
  }

  // ---- the end of the loop

  @Test
  void closing_the_loop_unwinds_what_nobody_closed() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    List<ExceptionContext> reports = new ArrayList<>();
    loop.setExceptionHandler((_, context) -> reports.add(context));
    AsyncGenerator<Integer> standing =
        AsyncGenerator.of(y -> {
          try {
            y.yield(1);
          } finally {
            log.add("unwound");
          }
        });
    AsyncGenerator<Integer> waiting =
        AsyncGenerator.of(y -> {
          try {
            sleep(Duration.ofHours(1)).await();
          } finally {
            log.add("unwound with its task");
          }
        });
    AsyncGenerator<Integer> stubborn =
        AsyncGenerator.of(y -> {
          try {
            y.yield(1);
          } finally {
            y.yield(2);
          }
        });
    loop.runUntilComplete(
        async(() -> {
          standing.next();
          stubborn.next();
          start(waiting::next);
          ticks(1);
        }));
    loop.close();
    assertEquals(List.of("unwound with its task", "unwound"), log);
    assertEquals(2, reports.size());
    assertEquals("Task was destroyed but it is pending!", reports.getFirst().message());
    assertInstanceOf(IllegalStateException.class, reports.getLast().exception());
    assertNull(AbstractEventLoop.runningOrNull());
  }

  @Test
  void shutting_down_takes_no_turn_when_no_generator_is_alive() {
    run(() -> {
      countdown(1).toList().await();
      List<Integer> turns = new ArrayList<>();
      runningLoop().callSoon(() -> turns.add(1));
      runningLoop().shutdownAsyncgens().await();
      assertEquals(List.of(), turns);
    });
  }

  @Test
  void one_that_begins_after_the_shutdown_gives_a_warning() {
    try (var logged = new AsyncioLog()) {
      run(() -> {
        runningLoop().shutdownAsyncgens().await();
        AsyncGenerator<Integer> late = countdown(2);
        assertEquals(List.of(), logged.messages());
        assertEquals(2, late.next());
        assertEquals(1, logged.messages().size());
        String warning = logged.messages().getFirst();
        assertTrue(warning.contains("after loop.shutdownAsyncgens()"), warning);
        late.aclose().await();
      });
    }
  }
}

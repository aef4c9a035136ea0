package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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

@Timeout(60)
class AsyncContextManagerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<Object> log = new ArrayList<>();

  /** Enters as itself; swallows what it is told to. */
  private final class Session implements AsyncContextManager<Session> {
    private final Class<? extends Throwable> swallowed;

    Session(Class<? extends Throwable> swallowed) {
      this.swallowed = swallowed;
    }

    @Override
    public Coroutine<Boolean> aexit(@Nullable Throwable error) {
      return async(() -> {
        sleep(SECOND).await();
        log.add(error == null ? "left" : error.getMessage());
        return swallowed.isInstance(error);
      });
    }
  }

  // ---- use

  @Test
  void the_block_gets_what_entering_gave_and_leaving_is_told_how_it_ended() {
    run(() -> {
      var session = new Session(IOException.class);
      session.use(entered -> {
        assertSame(session, entered);
      });
      assertEquals("result", session.<String>use(_ -> "result"));
      assertNull(
          session.<Integer>use((Session _) -> {
            throw new IOException("swallowed");
          }));
      var error = new IllegalArgumentException("passes");
      assertSame(
          error,
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  session.use((Session _) -> {
                    throw error;
                  })));
      assertEquals(List.of("left", "left", "swallowed", "passes"), log);
    });
  }

  @Test
  void what_leaving_throws_carries_the_error_of_the_block() {
    run(() -> {
      var bodys = new IOException("the body's");
      var leavings = new IOException("leaving's");
      AsyncContextManager<String> failing =
          new AsyncContextManager<>() {
            @Override
            public Coroutine<String> aenter() {
              return async(() -> "value");
            }

            @Override
            public Coroutine<Boolean> aexit(@Nullable Throwable error) {
              return async(() -> {
                throw leavings;
              });
            }
          };
      assertSame(
          leavings,
          assertThrows(
              IOException.class,
              () ->
                  failing.use((String value) -> {
                    assertEquals("value", value);
                    throw bodys;
                  })));
      assertArrayEquals(new Throwable[] {bodys}, leavings.getSuppressed());
    });
  }

  @Test
  void leaving_is_told_of_a_cancellation_and_may_wait() {
    run(() -> {
      Task<?> task =
          createTask(
              async(() ->
                  new Session(IOException.class)
                      .use(_ -> {
                        sleep(Duration.ofHours(1)).await();
                      })));
      ticks(1);
      task.cancel("enough");
      assertThrows(CancelledError.class, task::await);
      assertEquals(List.of("enough"), log);
    });
  }

  // ---- of

  @Test
  void one_written_as_a_generator_surrounds_the_block() {
    run(() -> {
      AsyncContextManager<Integer> manager =
          AsyncContextManager.of(y -> {
            sleep(SECOND).await();
            log.add("enter");
            y.yield(7);
            sleep(SECOND).await();
            log.add("leave");
          });
      assertEquals("7!", manager.<String>use(value -> value + "!"));
      assertEquals(List.of("enter", "leave"), log);
      var e = assertThrows(IllegalStateException.class, () -> manager.aenter().await());
      assertTrue(e.getMessage().startsWith("generator didn't yield"), e::getMessage);
    });
  }

  @Test
  void one_written_as_a_generator_sees_the_error_and_decides() {
    run(() -> {
      var error = new IOException("gone");
      assertNull(
          AsyncContextManager.<Integer>of(
                  y -> {
                    try {
                      y.yield(1);
                    } catch (Exception e) {
                      log.add(e); // and so swallowed
                    }
                  })
              .<Integer>use((Integer _) -> {
                throw error;
              }));
      assertEquals(List.of(error), log);

      assertSame(
          error,
          assertThrows(
              IOException.class,
              () ->
                  AsyncContextManager.<Integer>of(y -> y.yield(1))
                      .use((Integer _) -> {
                        throw error;
                      })));
      assertEquals(0, error.getSuppressed().length, "it passed as it was");

      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  AsyncContextManager.<Integer>of(
                          y -> {
                            try {
                              y.yield(1);
                            } catch (Exception _) {
                              throw new IllegalArgumentException("instead");
                            }
                          })
                      .use((Integer _) -> {
                        throw error;
                      }));
      assertArrayEquals(new Throwable[] {error}, e.getSuppressed());
    });
  }

  @Test
  void one_written_as_a_generator_has_to_yield_once() {
    run(() -> {
      AsyncContextManager<Integer> never = AsyncContextManager.of(_ -> log.add("no yield"));
      var e = assertThrows(IllegalStateException.class, () -> never.use(_ -> 1));
      assertTrue(e.getMessage().startsWith("generator didn't yield"), e::getMessage);

      AsyncContextManager<Integer> twice =
          AsyncContextManager.of(y -> {
            try {
              y.yield(1);
              y.yield(2);
            } finally {
              log.add("closed");
            }
          });
      e = assertThrows(IllegalStateException.class, () -> twice.use(_ -> 1));
      assertTrue(e.getMessage().startsWith("generator didn't stop"), e::getMessage);
      assertEquals(List.of("no yield", "closed"), log);

      AsyncContextManager<Integer> onError =
          AsyncContextManager.of(y -> {
            try {
              y.yield(1);
            } catch (Exception _) {
              y.yield(2);
            }
          });
      e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  onError.use((Integer _) -> {
                    throw new IOException("gone");
                  }));
      assertTrue(e.getMessage().startsWith("generator didn't stop after athrow()"), e::getMessage);
    });
  }

  @Test
  void a_null_context_does_nothing() {
    run(() -> {
      assertEquals("5", AsyncContextManager.nullContext(5).<String>use(value -> "" + value));
      var error = new IOException("passes");
      assertSame(
          error,
          assertThrows(
              IOException.class,
              () ->
                  AsyncContextManager.nullContext(5)
                      .use((Integer _) -> {
                        throw error;
                      })));
    });
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runCoroutineThreadsafe;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.toThread;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContextBridgeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final ThreadLocal<String> USER = new ThreadLocal<>();
  private static final ThreadLocal<Map<String, String>> MDC = new ThreadLocal<>();
  private static final ScopedValue<String> TENANT = ScopedValue.newInstance();

  private final List<String> log = new ArrayList<>();

  private static String user() {
    return String.valueOf(USER.get());
  }

  private static String tenant() {
    return TENANT.orElse("none");
  }

  @Test
  void without_a_bridge_a_task_begins_with_empty_thread_locals() {
    assertTrue(ContextBridge.none());
    run(() -> {
      USER.set("ann");
      assertEquals("null", createTask(async(() -> user())).await());
      assertEquals("ann", user());
    });
  }

  @Test
  void a_task_has_what_its_creator_had_and_keeps_it_across_awaits() {
    try (var _ = ContextBridge.register(USER)) {
      run(() -> {
        USER.set("ann");
        Task<String> ann =
            createTask(
                async(() -> {
                  String before = user();
                  sleep(SECOND).await();
                  USER.set("ann's own");
                  sleep(SECOND).await();
                  return before + ", " + user();
                }));
        USER.set("bob");
        Task<String> bob = createTask(async(() -> user()));
        assertEquals("ann, ann's own", ann.await());
        assertEquals("bob", bob.await());
        assertEquals("bob", user(), "nothing comes back");
        assertEquals(
            "bob",
            createTask(async(() -> user()), TaskOptions.defaults().eagerStart(true)).await());
        USER.remove();
        assertEquals("null", createTask(async(() -> user())).await());
      });
    }
  }

  @Test
  void a_callback_has_what_was_there_when_it_was_registered() {
    try (var _ = ContextBridge.register(USER)) {
      run(() -> {
        USER.set("ann");
        runningLoop().callSoon(() -> log.add(user()));
        runningLoop().callLater(SECOND, () -> log.add(user()));
        Future<String> future = runningLoop().createFuture();
        future.addDoneCallback(_ -> log.add(user()));
        USER.remove();
        runningLoop().callSoon(() -> log.add(user()));
        future.setResult("x");
        sleep(SECOND).await();
        assertEquals(List.of("ann", "null", "ann", "ann"), log);
      });
      assertNull(USER.get(), "the loop's thread has nothing left");
    }
  }

  @Test
  void it_follows_into_a_thread_and_comes_from_another() {
    try (var _ = ContextBridge.register(USER)) {
      USER.set("from outside");
      try {
        Asyncio.run(
            async(() -> {
              assertEquals("from outside", user());
              USER.set("ann");
              assertEquals("ann", toThread(() -> user()).await());
              AbstractEventLoop loop = runningLoop();
              assertEquals(
                  "of the thread",
                  toThread(
                          () -> {
                            USER.set("of the thread");
                            return runCoroutineThreadsafe(async(() -> user()), loop).join();
                          })
                      .await());
              assertEquals("ann", user());
            }));
      } finally {
        USER.remove();
      }
    }
  }

  @Test
  void a_context_brings_what_was_there_when_it_was_copied() {
    try (var _ = ContextBridge.register(USER)) {
      run(() -> {
        USER.set("ann");
        Context ann = Context.copyContext();
        USER.set("bob");
        assertEquals(
            "ann, changed",
            ann.run(() -> {
              String before = user();
              USER.set("changed");
              sleep(SECOND).await();
              return before + ", " + user();
            }));
        assertEquals("bob", user());
        assertEquals("null", new Context().run(() -> user()));
        assertEquals(
            "ann", createTask(async(() -> user()), TaskOptions.defaults().context(ann)).await());
      });
    }
  }

  @Test
  void the_body_of_a_generator_shares_the_values_of_the_task() {
    try (var _ = ContextBridge.register(USER);
        var _ = ContextBridge.register(TENANT)) {
      run(() -> {
        USER.set("ann");
        AsyncGenerator<String> generator =
            AsyncGenerator.of(y -> {
              y.yield(user() + " at " + tenant());
              sleep(SECOND).await();
              y.yield(user());
              USER.set("set by the body");
              y.yield(user());
              USER.set("set at the end");
            });
        assertEquals("ann at acme", ScopedValue.where(TENANT, "acme").call(() -> generator.next()));
        USER.set("bob");
        assertEquals("bob", generator.next());
        assertEquals("set by the body", generator.next());
        assertEquals("set by the body", user());
        assertFalse(generator.hasNext());
        assertEquals("set at the end", user());
      });
    }
  }

  @Test
  void a_scoped_value_follows_tasks_callbacks_and_threads() {
    try (var _ = ContextBridge.register(TENANT)) {
      Asyncio.run(
          async(() -> {
            Task<String> task =
                ScopedValue.where(TENANT, "acme")
                    .call(() -> {
                      runningLoop().callSoon(() -> log.add(tenant()));
                      assertEquals("acme", toThread(() -> tenant()).await());
                      return createTask(
                          async(() -> {
                            ticks(1);
                            return createTask(async(() -> tenant())).await();
                          }));
                    });
            assertEquals("acme", task.await());
            assertEquals("none", createTask(async(() -> tenant())).await());
            assertEquals(List.of("acme"), log);
          }));
    }
  }

  @Test
  void a_logger_s_diagnostic_context_is_read_and_written_by_functions() {
    try (var bridge =
        ContextBridge.<Map<String, String>>register(
            "mdc",
            () -> MDC.get() == null ? null : Map.copyOf(MDC.get()),
            map -> MDC.set(map == null ? Map.of() : map))) {
      assertEquals("<ContextBridge mdc>", bridge.toString());
      run(() -> {
        MDC.set(Map.of("request", "17"));
        Task<?> task = createTask(async(() -> assertEquals(Map.of("request", "17"), MDC.get())));
        task.await();
        assertEquals("mdc", task.getContext().keys().getFirst().name());
      });
    }
  }

  @Test
  void what_is_closed_no_longer_follows() {
    ContextBridge bridge = ContextBridge.register(USER);
    run(() -> {
      USER.set("ann");
      Task<String> made = createTask(async(() -> user()));
      bridge.close();
      ticks(1);
      assertEquals("null", made.await());
      assertEquals("null", createTask(async(() -> user())).await());
      assertEquals("ann", user());
    });
    assertTrue(ContextBridge.none());
  }
}

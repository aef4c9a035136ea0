package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Variables whose value depends on who asks. */
@Timeout(60)
class ContextvarsSurfaceTest {
  private final ContextVar<String> var = new ContextVar<>("var", "default");
  private final List<String> log = new ArrayList<>();

  @Test
  void perTask() {
    run(() -> {
      var.set("creator's");
      Task<?> a =
          start(() -> {
            var.set("a's");
            ticks(1);
            assertEquals("a's", var.get());
            async(() -> log.add("awaited directly: " + var.get())).await();
          });
      Task<?> b = start(() -> log.add("sibling: " + var.get()));
      a.await();
      b.await();
      assertEquals(List.of("sibling: creator's", "awaited directly: a's"), log);
      assertEquals("creator's", var.get());
    });
  }

  @Test
  void awaitShares() {
    run(() -> {
      async(
              () -> {
                ticks(1);
                var.set("set by what was awaited");
              })
          .await();
      assertEquals("set by what was awaited", var.get());
    });
  }

  @Test
  void callbacks() {
    run(() -> {
      AbstractEventLoop loop = runningLoop();
      Future<String> future = loop.createFuture();
      var.set("at registration");
      loop.callSoon(() -> log.add("soon " + var.get()));
      loop.callSoonThreadsafe(() -> log.add("threadsafe " + var.get()));
      loop.callLater(Duration.ofSeconds(1), () -> log.add("later " + var.get()));
      future.addDoneCallback(done -> log.add("done " + var.get()));
      var.set("afterwards");
      future.setResult("");
      Asyncio.sleep(Duration.ofSeconds(2)).await();
      assertEquals(
          List.of(
              "soon at registration",
              "threadsafe at registration",
              "done at registration",
              "later at registration"),
          log);
    });
  }

  @Test
  void toThread() {
    Asyncio.run(
        async(() -> {
          var.set("of the task");
          String seen =
              Asyncio.toThread(
                      () -> {
                        String before = var.get();
                        var.set("of the thread");
                        return before + ", then " + var.get();
                      })
                  .await();
          assertEquals("of the task, then of the thread", seen);
          assertEquals("of the task", var.get(), "it was a copy");
          var plain = new CompletableFuture<String>();
          Thread.ofPlatform().start(() -> plain.complete(var.get()));
          assertEquals("default", Asyncio.await(plain));
        }));
  }

  @Test
  void snapshotCheap() {
    run(() -> {
      var vars = new ArrayList<ContextVar<Integer>>();
      for (int i = 0; i < 1000; i++) {
        var one = new ContextVar<Integer>("var" + i);
        one.set(i);
        vars.add(one);
      }
      Context copy = Context.copyContext();
      assertEquals(1000, copy.size());
      assertSame(copy.vars, copy.copy().vars, "it shares what it holds");
      assertSame(copy.vars, Context.copyContext().vars);
      vars.getFirst().set(-1);
      assertEquals(0, copy.get(vars.getFirst()));
    });
  }

  @Test
  void mutableContextObject() {
    run(() -> {
      var shared = new Context();
      TaskOptions inShared = TaskOptions.defaults().context(shared);
      createTask(async(() -> var.set("first's")), inShared).await();
      createTask(async(() -> log.add(var.get())), inShared).await();
      assertEquals("first's", shared.run(() -> var.get()));
      shared.run(() -> var.set("by run"));
      createTask(async(() -> log.add(var.get())), inShared).await();
      assertEquals(List.of("first's", "by run"), log);
      assertEquals("default", var.get());
    });
  }

  @Test
  void a_variable_without_a_value_and_without_a_default_is_an_error() {
    var unset = new ContextVar<String>("unset");
    var refused = assertThrows(NoSuchElementException.class, unset::get);
    assertTrue(refused.getMessage().contains("'unset'"), refused::getMessage);
    assertEquals("otherwise", unset.get("otherwise"));
    assertEquals("unset", unset.name());
    assertThrows(NoSuchElementException.class, () -> new Context().getOrThrow(unset));
  }

  @Test
  void a_token_restores_the_value_before_once() {
    run(() -> {
      Token<String> first = var.set("one");
      Token<String> second = var.set("two");
      assertSame(Token.MISSING, first.oldValue());
      assertEquals("one", second.oldValue());
      assertSame(var, second.var());
      var.reset(second);
      assertEquals("one", var.get());
      assertThrows(IllegalStateException.class, () -> var.reset(second), "used");
      var.reset(first);
      assertEquals("default", var.get());
      assertFalse(Context.copyContext().contains(var));

      var other = new ContextVar<String>("other");
      Token<String> ofOther = other.set("x");
      assertThrows(IllegalArgumentException.class, () -> var.reset(ofOther));
      Task<?> elsewhere =
          start(() -> assertThrows(IllegalArgumentException.class, () -> other.reset(ofOther)));
      elsewhere.await();
      try (Token<String> token = var.set("for a while")) {
        assertEquals("for a while", token.var().get());
      }
      assertEquals("default", var.get());
    });
  }

  @Test
  void a_context_is_entered_by_one_at_a_time() {
    var context = new Context();
    var refused =
        assertThrows(
            IllegalStateException.class, () -> context.run(() -> context.run(() -> "inner")));
    assertTrue(refused.getMessage().startsWith("cannot enter context"), refused::getMessage);
    assertEquals("free again", context.run(() -> "free again"));
    run(() ->
        context.run(() -> {
          Task<?> meanwhile =
              start(() -> assertThrows(IllegalStateException.class, () -> context.run(() -> "")));
          meanwhile.await();
          return null;
        }));
  }

  @Test
  void code_run_in_a_context_may_await_and_finds_it_again() {
    run(() -> {
      var inner = new Context();
      var.set("outer");
      inner.run(() -> {
        var.set("inner");
        ticks(2);
        assertEquals("inner", var.get());
        return null;
      });
      assertEquals("outer", var.get());
      assertEquals("inner", inner.get(var));
    });
  }

  @Test
  void a_context_is_a_mapping() {
    var other = new ContextVar<String>("other");
    var context = new Context();
    context.run(() -> {
      var.set("a");
      other.set("b");
      return null;
    });
    assertEquals(2, context.size());
    assertEquals("a", context.get(var));
    assertEquals("b", context.getOrThrow(other));
    assertEquals(List.of(var, other), context.keys());
    assertEquals(List.of("a", "b"), context.values());
    assertEquals("b", context.items().getLast().getValue());
    var seen = new ArrayList<ContextVar<?>>();
    context.forEach(seen::add);
    assertEquals(List.of(var, other), seen);
    var unset = new ContextVar<String>("unset", "its default");
    assertNull(context.get(unset));
    assertEquals("otherwise", context.get(unset, "otherwise"));
    assertEquals("default", var.get(), "outside nothing has changed");
  }

  @Test
  void outside_of_loops_each_thread_has_a_context_of_its_own() throws InterruptedException {
    try (Token<String> token = var.set("this thread's")) {
      var seen = new ArrayList<String>();
      Thread.ofPlatform()
          .start(() -> {
            seen.add(var.get());
            var.set("that thread's");
          })
          .join();
      assertEquals(List.of("default"), seen);
      assertEquals("this thread's", var.get());
      run(() -> log.add(var.get()));
      assertEquals(List.of("this thread's"), log, "a loop begins with its caller's context");
      assertSame(var, token.var());
    }
  }
}

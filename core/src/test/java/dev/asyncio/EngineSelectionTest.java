package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.gather;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.engine.CarriedEngine;
import dev.asyncio.loop.SelectorEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which engine a loop gets, and from where it can be run. */
@Timeout(60)
class EngineSelectionTest {

  private static EngineKind engineOf(RunnerOptions options) {
    return Asyncio.run(async(() -> runningLoop().engineKind()), options);
  }

  private static <T> T withProperty(@Nullable String value, Callable<T> body) throws Exception {
    String before = System.getProperty(EngineKind.PROPERTY);
    try {
      set(value);
      return body.call();
    } finally {
      set(before);
    }
  }

  private static void set(@Nullable String value) {
    if (value == null) {
      System.clearProperty(EngineKind.PROPERTY);
    } else {
      System.setProperty(EngineKind.PROPERTY, value);
    }
  }

  @Test
  void the_carried_engine_is_chosen_where_it_can_be_had() throws Exception {
    EngineKind chosen = withProperty(null, () -> engineOf(RunnerOptions.defaults()));
    assertEquals(
        CarriedEngine.unavailable() == null ? EngineKind.CARRIED : EngineKind.PORTABLE, chosen);
  }

  @Test
  void the_system_property_forces_one() throws Exception {
    assertEquals(
        EngineKind.PORTABLE, withProperty("portable", () -> engineOf(RunnerOptions.defaults())));
    assertEquals(
        EngineKind.PORTABLE, withProperty("PORTABLE", () -> engineOf(RunnerOptions.defaults())));
    var wrong =
        assertThrows(
            IllegalArgumentException.class,
            () -> withProperty("warp", () -> engineOf(RunnerOptions.defaults())));
    assertEquals("-Dasyncio.engine=warp: there are 'carried' and 'portable'", wrong.getMessage());
  }

  @Test
  void the_runners_option_forces_one_whatever_the_property_says() throws Exception {
    assertEquals(
        EngineKind.PORTABLE,
        withProperty(
            "carried", () -> engineOf(RunnerOptions.defaults().engine(EngineKind.PORTABLE))));
  }

  @Test
  void forcing_the_carried_engine_works_or_says_what_would_mend_it() throws Exception {
    RunnerOptions carried = RunnerOptions.defaults().engine(EngineKind.CARRIED);
    if (CarriedEngine.unavailable() == null) {
      assertEquals(EngineKind.CARRIED, withProperty("portable", () -> engineOf(carried)));
      return;
    }
    for (Callable<?> forced :
        List.<Callable<?>>of(
            () -> engineOf(carried),
            () -> withProperty("carried", () -> engineOf(RunnerOptions.defaults())),
            () -> new SelectorEventLoop(EngineKind.CARRIED, null))) {
      var refused = assertThrows(IllegalStateException.class, forced::call);
      assertTrue(
          refused.getMessage().contains("--add-opens java.base/java.lang="), refused::getMessage);
      assertTrue(refused.getMessage().contains("or use the portable engine"));
    }
  }

  @Test
  void without_the_flag_a_program_gets_the_portable_engine_silently()
      throws IOException, InterruptedException {
    var outcome = ChildJvm.runWithoutFlags(TellsItsEngine.class);
    assertEquals(List.of("portable"), outcome.out());
    assertEquals("", outcome.err());
    assertEquals(0, outcome.status());
  }

  /** Prints the name of the engine it gets. */
  static final class TellsItsEngine {
    private TellsItsEngine() {}

    public static void main(String[] arguments) {
      Asyncio.run(async(() -> System.out.println(runningLoop().engineKind())));
    }
  }

  @Test
  void run_works_from_a_platform_thread_and_from_a_virtual_thread() {
    var results = new ArrayList<CompletableFuture<String>>();
    for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
      var result = new CompletableFuture<String>();
      builder.start(() -> {
        try {
          result.complete(Asyncio.run(aLittleOfEverything()));
        } catch (Throwable e) {
          result.completeExceptionally(e);
        }
      });
      results.add(result);
    }
    for (CompletableFuture<String> result : results) {
      assertEquals("done", result.join());
    }
  }

  private static Coroutine<String> aLittleOfEverything() {
    return async(() -> {
      createTask(async(() -> {}));
      assertEquals(
          List.of("a", "b"),
          gather(sleep(Duration.ofMillis(2), "a"), sleep(Duration.ofMillis(1), "b")).await());
      assertEquals("thread", Asyncio.toThread(() -> "thread").await());
      createTask(sleep(Duration.ofHours(1))); // to be cancelled at the end
      ticks(1);
      return "done";
    });
  }

  @Test
  void run_works_while_its_caller_holds_a_monitor() {
    var monitor = new Object();
    String result;
    synchronized (monitor) {
      result =
          Asyncio.run(
              async(() -> {
                var own = new Object();
                for (int i = 0; i < 100; i++) {
                  synchronized (own) {
                    ticks(1);
                  }
                }
                return "done";
              }));
      assertTrue(Thread.holdsLock(monitor));
    }
    assertFalse(Thread.holdsLock(monitor));
    assertEquals("done", result);
  }

  @Test
  void loops_are_made_run_and_closed_again_and_again() {
    for (int i = 0; i < 50; i++) {
      assertEquals("done", Asyncio.run(async(() -> async(() -> "done").await())));
      assertNull(AbstractEventLoop.runningOrNull());
    }
  }
}

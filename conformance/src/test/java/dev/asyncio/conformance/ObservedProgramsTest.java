package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Barrier;
import dev.asyncio.Condition;
import dev.asyncio.Coroutine;
import dev.asyncio.EngineKind;
import dev.asyncio.Event;
import dev.asyncio.Lock;
import dev.asyncio.Queue;
import dev.asyncio.Semaphore;
import dev.asyncio.conformance.stress.Execution;
import dev.asyncio.conformance.stress.Stress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ObservedProgramsTest {

  private static final long SEED = 314;
  private static final int PROGRAMS = 420;

  @Test
  void random_programs_do_the_same_every_time_and_leave_nothing_behind() throws Exception {
    var printed = new ByteArrayOutputStream();
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    int passed =
        new Stress(new ObservedPrograms(), ObservedPrograms.engines(), out).run(SEED, PROGRAMS);
    assertEquals(PROGRAMS, passed, () -> printed.toString(StandardCharsets.UTF_8));
  }

  @Test
  void the_loop_is_seen_when_the_program_has_ended_and_after_it_was_closed() throws Exception {
    Execution run =
        run(
            """
            {"coros": {"main": [["spawn", "t", ["nap"]], ["tick", 2],
                                ["call_later", null, 5, "never"]],
                       "nap": [["sleep", 1]]},
             "callbacks": {"never": []}}
            """);
    assertEquals("returned None", run.outcome());
    assertNotNull(run.atEnd());
    assertEquals(1, run.atEnd().tasks());
    assertEquals(2, run.atEnd().timers());
    assertEquals(4, run.atEnd().turns());
    assertEquals(List.of(), run.leftovers());
  }

  @Test
  void nothing_is_left_of_a_deadlock() throws Exception {
    Execution run =
        run(
            """
            {"objects": {"lock": ["Lock"], "q": ["Queue", 1], "bar": ["Barrier", 2]},
             "coros": {"main": [["acquire", "lock"], ["spawn", "a", ["wait_q"]],
                                ["spawn", "b", ["wait_bar"]], ["acquire", "lock"]],
                       "wait_q": [["get", "q"]],
                       "wait_bar": [["with", "bar", []]]}}
            """);
    assertEquals("deadlock", run.outcome());
    assertNotNull(run.atEnd());
    assertEquals(3, run.atEnd().tasks());
    assertEquals(List.of(), run.leftovers());
  }

  private static Execution run(String program) throws InterruptedException {
    JsonObject json = JsonParser.parseString(program).getAsJsonObject();
    EngineKind engine = ObservedPrograms.engines().getFirst();
    return new ObservedPrograms().run("example", json, engine);
  }

  @Test
  void what_a_loop_that_is_not_closed_holds_is_left_behind() {
    var observation = new ObservedPrograms.Observation();
    AbstractEventLoop loop = Asyncio.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    loop.createTask(Coroutine.of(() -> {}));
    loop.callLater(Duration.ofSeconds(1), () -> {});
    observation.closed(loop, List.of(new Lock()));
    assertEquals(List.of("1 tasks", "1 ready callbacks", "1 timers"), observation.leftovers());
    loop.close();
    observation.closed(loop, List.of(new Lock()));
    assertEquals(List.of(), observation.leftovers());
  }

  @Test
  void a_waiter_shows_in_the_text_form_of_every_primitive() {
    var lock = new Lock();
    var semaphore = new Semaphore(0);
    var event = new Event();
    var condition = new Condition();
    var barrier = new Barrier(2);
    var full = new Queue<Integer>(1);
    var empty = new Queue<Integer>();
    List<Object> primitives = List.of(lock, semaphore, event, condition, barrier, full, empty);
    Asyncio.run(
        Coroutine.of(() -> {
          lock.acquire().await();
          full.putNowait(1);
          primitives.forEach(each -> assertEquals(0, waiters(each), each::toString));
          List<Coroutine<?>> waiting =
              List.of(
                  lock.acquire(),
                  semaphore.acquire(),
                  event.waitFor(),
                  Coroutine.of(() -> condition.hold(() -> condition.waitFor().await())),
                  barrier.waitFor(),
                  full.put(2),
                  empty.get());
          waiting.forEach(Asyncio::createTask);
          Asyncio.sleep(Duration.ZERO).await();
          primitives.forEach(each -> assertEquals(1, waiters(each), each::toString));
        }));
    primitives.forEach(each -> assertEquals(0, waiters(each), each::toString));
  }

  private static int waiters(Object primitive) {
    return ObservedPrograms.Observation.waitersOf(primitive);
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Suspending for a time. */
@Timeout(60)
class SleepSurfaceTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<String> log = new ArrayList<>();

  @Test
  void zero() {
    run(() -> {
      runningLoop().callSoon(() -> log.add("a"));
      start(() -> log.add("b"));
      runningLoop().callSoon(() -> runningLoop().callSoon(() -> log.add("a turn later")));
      sleep(Duration.ZERO).await();
      assertEquals(List.of("a", "b"), log, "every other ready callback ran once");
      assertEquals(Duration.ZERO, runningLoop().time());
    });
  }

  @Test
  void cancel() {
    var time = new VirtualTime();
    assertThrows(
        VirtualTime.Deadlock.class,
        () ->
            Asyncio.run(
                async(() -> {
                  Task<?> sleeper = createTask(sleep(HOUR));
                  ticks(1);
                  sleeper.cancel();
                  assertThrows(CancelledError.class, sleeper::await);
                  runningLoop().createFuture().await(); // and no timer is left to end this
                }),
                RunnerOptions.defaults().clock(time)));
    assertEquals(0, time.nanoTime());
  }

  @Test
  void a_negative_delay_is_like_none() {
    run(() -> {
      for (Duration none :
          List.of(
              Duration.ofNanos(-1), Duration.ofSeconds(-5), Duration.ofSeconds(Long.MIN_VALUE))) {
        log.clear();
        start(() -> log.add("other"));
        assertEquals("result", sleep(none, "result").await());
        assertEquals(List.of("other"), log);
      }
      assertEquals(Duration.ZERO, runningLoop().time());
    });
  }

  @Test
  void sleepers_wake_in_the_order_of_their_times() {
    run(() -> {
      for (int seconds : new int[] {3, 1, 2}) {
        start(() -> {
          sleep(Duration.ofSeconds(seconds)).await();
          assertEquals(Duration.ofSeconds(seconds), runningLoop().time());
          log.add("" + seconds);
        });
      }
      sleep(Duration.ofSeconds(4)).await();
      assertEquals(List.of("1", "2", "3"), log);
    });
  }

  @Test
  void a_delay_beyond_all_counting_is_for_ever() {
    run(() -> {
      Task<?> forEver = createTask(sleep(Duration.ofSeconds(Long.MAX_VALUE)));
      Task<?> almost = createTask(sleep(Duration.ofNanos(Long.MAX_VALUE)));
      sleep(Duration.ofDays(365_000 / 4)).await();
      assertTrue(!forEver.done() && !almost.done());
      forEver.cancel();
      almost.cancel();
      ticks(2);
      assertTrue(forEver.cancelled() && almost.cancelled());
    });
  }
}

package dev.asyncio;

import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopStatisticsTest {

  @BeforeAll
  static void keepsThreads() {
    Carried.keepsThreads();
  }

  private static LoopStatistics now() {
    return AbstractEventLoop.running().statistics();
  }

  @Test
  void a_loop_counts_its_tasks_and_what_is_ready() {
    run(() -> {
      assertEquals(1, now().tasks());
      assertEquals(0, now().ready());
      start(() -> {});
      start(() -> {});
      AbstractEventLoop.running().callSoon(() -> {});
      assertEquals(3, now().tasks());
      assertEquals(3, now().ready());
      ticks(1);
      assertEquals(1, now().tasks());
      assertEquals(0, now().ready());
    });
  }

  @Test
  void timers_count_until_they_are_cancelled_or_due() {
    run(() -> {
      AbstractEventLoop loop = AbstractEventLoop.running();
      loop.callLater(ofSeconds(1), () -> {});
      TimerHandle never = loop.callLater(ofSeconds(5), () -> {});
      assertEquals(2, now().timers());
      never.cancel();
      assertEquals(1, now().timers());
      Asyncio.sleep(ofSeconds(2)).await();
      assertEquals(0, now().timers());
    });
  }

  @Test
  void each_pass_of_the_loop_is_a_turn() {
    run(() -> {
      long before = now().turns();
      ticks(3);
      assertEquals(before + 3, now().turns());
    });
  }

  @Test
  void a_finished_task_needs_no_thread_unless_it_is_kept_for_the_next() {
    run(() -> {
      start(() -> ticks(1));
      start(() -> ticks(1));
      ticks(1);
      assertEquals(3, now().strands() - now().idleStrands());
      ticks(2);
      assertEquals(1, now().strands() - now().idleStrands());
    });
  }

  @Test
  void of_a_burst_of_tasks_4096_threads_are_kept_in_any_case_and_the_next_burst_works() {
    Carried.assumed("the portable engine keeps no threads");
    run(() -> {
      for (int burst = 0; burst < 3; burst++) {
        for (int i = 0; i < 5000; i++) {
          start(() -> ticks(1));
        }
        ticks(1);
        assertEquals(5001, now().strands() - now().idleStrands());
        ticks(2);
        assertEquals(4096, now().idleStrands());
        assertEquals(4097, now().strands());
      }
    });
  }

  /** Prints how many threads are kept after each of three bursts of 4,000. */
  static final class Bursts {
    public static void main(String[] arguments) {
      run(() -> {
        for (int burst = 0; burst < 3; burst++) {
          for (int i = 0; i < 4000; i++) {
            start(() -> ticks(1));
          }
          ticks(2);
          System.out.println(now().idleStrands());
        }
      });
    }
  }

  @Test
  void the_first_10_000_threads_of_a_jvm_are_not_kept_since_the_jit_has_not_seen_them()
      throws Exception {
    Carried.assumed("the portable engine keeps no threads");
    var outcome = ChildJvm.run(Bursts.class);
    int burstsBeforeTheLast = 8000;
    int mainTask = 1;
    int kept = 4000 - (10_000 - burstsBeforeTheLast - mainTask);
    assertEquals(List.of("0", "0", "" + kept), outcome.out(), outcome.err());
  }

  /** Waits for the threads of two finished tasks, of which the second had a blocking call. */
  static final class Joining {
    public static void main(String[] arguments) throws Exception {
      var threads = new ArrayList<Thread>();
      Asyncio.run(
          Asyncio.async(() -> {
            Asyncio.createTask(Asyncio.async(() -> threads.add(Thread.currentThread()))).await();
            Asyncio.createTask(
                    Asyncio.async(() -> {
                      threads.add(Thread.currentThread());
                      Thread.sleep(1);
                    }))
                .await();
          }));
      for (Thread thread : threads) {
        thread.join();
        System.out.println("ended");
      }
    }
  }

  @Test
  void a_thread_that_is_not_kept_has_ended_when_its_loop_is_closed() throws Exception {
    Carried.assumed("the portable engine keeps no threads");
    var outcome = ChildJvm.run(Joining.class);
    assertEquals(List.of("ended", "ended"), outcome.out(), outcome.err());
  }

  @Test
  void nothing_is_left_of_a_closed_loop() {
    AbstractEventLoop loop = Asyncio.newEventLoop();
    loop.setExceptionHandler((_, _) -> {}); // it tells of the tasks that are destroyed
    Task<?> waiting = loop.createTask(Coroutine.of(() -> loop.createFuture().await()));
    Task<?> done = loop.createTask(Coroutine.of(() -> {}));
    loop.runUntilComplete(done);
    loop.callLater(ofSeconds(1), () -> {});
    loop.callSoon(() -> {});
    assertTrue(loop.statistics().tasks() > 0, waiting::toString);
    loop.close();
    LoopStatistics left = loop.statistics();
    assertEquals(new LoopStatistics(0, 0, 0, left.turns(), 0, 0), left);
  }
}

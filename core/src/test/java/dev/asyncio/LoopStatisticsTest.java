package dev.asyncio;

import static dev.asyncio.VirtualTime.run;
import static dev.asyncio.VirtualTime.start;
import static dev.asyncio.VirtualTime.ticks;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopStatisticsTest {

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
  void a_finished_task_has_no_thread() {
    run(() -> {
      start(() -> ticks(1));
      start(() -> ticks(1));
      ticks(1);
      assertEquals(3, now().strands());
      ticks(2);
      assertEquals(1, now().strands());
    });
  }

  @Test
  void the_thread_of_a_finished_task_ends_while_the_loop_goes_on_whatever_it_did() {
    List<Action> bodies = List.of(() -> {}, () -> ticks(1), () -> Thread.sleep(1));
    Asyncio.run(
        Asyncio.async(() -> {
          for (Action body : bodies) {
            var threads = new ArrayList<Thread>();
            Asyncio.createTask(
                    Asyncio.async(() -> {
                      threads.add(Thread.currentThread());
                      body.run();
                    }))
                .await();
            threads.getFirst().join();
            assertEquals(Thread.State.TERMINATED, threads.getFirst().getState());
          }
        }));
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
    assertEquals(new LoopStatistics(0, 0, 0, left.turns(), 0), left);
  }
}

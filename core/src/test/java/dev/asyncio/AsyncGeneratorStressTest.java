package dev.asyncio;

import static dev.asyncio.Asyncio.aclosing;
import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.gatherReturningExceptions;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.timeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pipelines of generators at random, in tasks that are cancelled and timed out at random. */
@Timeout(120)
class AsyncGeneratorStressTest {
  private static final int TASKS = 60;

  private final List<String> trace = new ArrayList<>();

  /** One run of the program that belongs to a seed. */
  private final class Program {
    private final Random random;
    private int opened;
    private int ended;

    Program(long seed) {
      random = new Random(seed);
    }

    private Duration moment() {
      return Duration.ofMillis(random.nextInt(4));
    }

    private AsyncGenerator<Integer> pipeline(int depth) {
      return AsyncGenerator.of(y -> {
        opened++;
        try {
          if (depth == 0) {
            source(y);
          } else {
            stage(y, depth);
          }
        } finally {
          ended++;
          if (random.nextInt(3) == 0) {
            sleep(moment()).await();
          }
        }
      });
    }

    private void source(AsyncGenerator.Yielder<Integer> y) {
      Task<?> task = currentTask();
      int items = random.nextInt(8);
      for (int i = 0; i < items; i++) {
        if (random.nextBoolean()) {
          sleep(moment()).await();
        }
        y.yield(i);
        assertSame(task, currentTask());
      }
      if (random.nextInt(5) == 0) {
        throw new IllegalArgumentException("source");
      }
    }

    private void stage(AsyncGenerator.Yielder<Integer> y, int depth) {
      try (var upstream = aclosing(pipeline(depth - 1))) {
        for (int item : upstream) {
          if (random.nextInt(4) == 0) {
            var options = TaskOptions.defaults().eagerStart(random.nextBoolean());
            createTask(sleep(moment()), options).await();
          }
          if (random.nextInt(3) > 0) {
            y.yield(item + depth);
          }
          if (random.nextInt(12) == 0) {
            return;
          }
        }
      }
    }

    private void consume(String name) {
      try (var items = aclosing(pipeline(random.nextInt(4)))) {
        for (int item : items) {
          trace.add(name + " " + item + " at " + runningLoop().time().toMillis());
          if (random.nextInt(10) == 0) {
            break;
          }
        }
      } catch (IllegalArgumentException | CancelledError e) {
        trace.add(name + " " + e);
        throw e;
      }
    }

    void run() {
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        String name = "task " + i;
        boolean limited = random.nextInt(4) == 0;
        tasks.add(
            createTask(
                async(() -> {
                  if (limited) {
                    timeout(moment(), () -> consume(name));
                  } else {
                    consume(name);
                  }
                }),
                TaskOptions.defaults().eagerStart(random.nextInt(4) == 0)));
      }
      for (int i = 0; i < TASKS / 3; i++) {
        sleep(moment()).await();
        tasks.get(random.nextInt(TASKS)).cancel();
      }
      gatherReturningExceptions(tasks).await();
      assertEquals(opened, ended);
      assertTrue(runningLoop().generators.isEmpty());
      assertEquals(List.of(currentTask()), Asyncio.allTasks());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void every_pipeline_is_closed_and_the_same_seed_gives_the_same_trace(long seed) {
    VirtualTime.run(() -> new Program(seed).run());
    List<String> first = List.copyOf(trace);
    trace.clear();
    VirtualTime.run(() -> new Program(seed).run());
    assertEquals(first, trace);
    assertTrue(first.size() > TASKS / 2);
  }
}

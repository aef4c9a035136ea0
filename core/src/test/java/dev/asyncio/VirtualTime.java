package dev.asyncio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Time for tests: it stands still while anything can run, and then jumps to the next timer. */
final class VirtualTime implements Clock {

  /** Thrown out of the loop when nothing can run and no timer is left. */
  static final class Deadlock extends AssertionError {
    private static final long serialVersionUID = 1L;

    Deadlock() {
      super("every task waits, and no timer will wake any");
    }
  }

  private long now;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public long idle(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      throw new Deadlock();
    }
    now += nanos;
    return 0;
  }

  /** Options of a loop that goes by virtual time. */
  static RunnerOptions options() {
    return RunnerOptions.defaults().clock(new VirtualTime());
  }

  /**
   * Runs a body as the main task of a loop that goes by virtual time; what reaches the loop's
   * exception handler, such as an error that nobody looked at, fails the test.
   */
  static void run(Action body) {
    List<ExceptionContext> reports = new ArrayList<>();
    Asyncio.run(
        Coroutine.of(() -> {
          AbstractEventLoop.running().setExceptionHandler((loop, context) -> reports.add(context));
          body.run();
        }),
        options());
    assertEquals(List.of(), reports);
  }

  /** Makes a task of a body. */
  static Task<?> start(Action body) {
    return Asyncio.createTask(Coroutine.of(body));
  }

  /** Lets everything else run for a number of turns of the loop. */
  static void ticks(int count) {
    for (int i = 0; i < count; i++) {
      Asyncio.sleep(Duration.ZERO).await();
    }
  }
}

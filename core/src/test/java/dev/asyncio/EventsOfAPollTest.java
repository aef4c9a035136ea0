package dev.asyncio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventsOfAPollTest {
  private static final int EVENTS = 40;
  private static final int A_TURN = 16;

  private final List<Integer> log = new ArrayList<>();
  private final Bringing loop = new Bringing();

  /** Its first poll brings forty events. Each is logged, and so is how often was polled by then. */
  private final class Bringing extends CustomLoop {
    private final List<Handle> events = new ArrayList<>();
    private final List<Integer> pollsBefore = new ArrayList<>();

    @Override
    protected void poll(long nanos, Consumer<? super Handle> ready) {
      if (polls == 0) {
        for (int i = 0; i < EVENTS; i++) {
          events.add(handle(event(i), null));
        }
        events.forEach(ready);
      }
      super.poll(0, ready);
    }

    private Runnable event(int number) {
      return () -> {
        log.add(number);
        pollsBefore.add(polls);
      };
    }

    private void runOneTurn() {
      stop(); // which ends a run that is to come after one turn
      runForever();
    }
  }

  @AfterEach
  void close() {
    loop.close();
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  @Test
  void a_turn_takes_on_sixteen_and_nothing_is_polled_before_all_have_run() {
    loop.runOneTurn();
    assertEquals(upTo(A_TURN), log);
    loop.runOneTurn();
    assertEquals(upTo(2 * A_TURN), log);
    loop.runOneTurn();
    assertEquals(upTo(EVENTS), log);
    assertEquals(List.of(1), loop.pollsBefore.stream().distinct().toList());
    loop.runOneTurn();
    assertEquals(2, loop.polls);
    assertEquals(upTo(EVENTS), log, "each once");
  }

  @Test
  void what_is_left_when_the_loop_stops_counts_as_ready_and_comes_when_it_runs_again() {
    loop.runOneTurn();
    assertEquals(EVENTS - A_TURN, loop.statistics().ready());
    loop.runUntilComplete(Coroutine.of(() -> {}));
    assertEquals(upTo(2 * A_TURN), log.subList(0, 2 * A_TURN));
  }

  @Test
  void what_is_left_when_the_loop_closes_is_dropped() {
    loop.runOneTurn();
    loop.close();
    assertEquals(0, loop.statistics().ready());
    assertEquals(upTo(A_TURN), log);
  }

  @Test
  void an_event_that_is_cancelled_while_it_waits_for_its_turn_does_not_run() {
    loop.callSoon(() -> loop.events.getLast().cancel());
    for (int turn = 0; turn < 3; turn++) {
      loop.runOneTurn();
    }
    assertEquals(upTo(EVENTS - 1), log);
  }
}

package dev.asyncio.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Coroutine;
import dev.asyncio.Runner;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is measured does what it says, on either engine. */
class WorkloadsTest {
  static Stream<Map.Entry<String, Callable<Integer>>> primitives() {
    return Primitives.WORKLOADS.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("primitives")
  void a_primitive_says_how_many_operations_it_made(Map.Entry<String, Callable<Integer>> one) {
    assertTrue(inLoop(one.getValue()) >= CrossThreadPing.ROUND_TRIPS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"switch", "spawn", "wake", "timer_cancel", "timer_fire"})
  void growth_makes_as_many_operations_at_one_as_at_a_thousand(String operation) {
    for (int number : new int[] {1, 1_000}) {
      assertEquals(
          Growth.OPERATIONS, inLoop(() -> Growth.workload(operation, number).call()), operation);
    }
  }

  private static int inLoop(Callable<Integer> workload) {
    try (Runner runner = new Runner()) {
      return runner.run(Coroutine.of(workload));
    }
  }
}

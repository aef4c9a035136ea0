package dev.asyncio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Running out of descriptors in earnest, in a process that has few. */
@Timeout(120)
class AcceptExhaustionTest {

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs a shell with ulimit")
  void accepting_pauses_for_a_second_at_a_time_and_goes_on_when_there_are_descriptors_again()
      throws IOException, InterruptedException {
    ChildJvm.Outcome outcome =
        ChildJvm.runUnder("ulimit -n 200 && exec \"$@\"", ExhaustedProgram.class);
    assertEquals(0, outcome.status(), outcome.out() + outcome.err());
    List<String> expected = new ArrayList<>(Collections.nCopies(20, "hello at 0"));
    expected.add("served");
    expected.add("socket.accept() out of system resource: Too many open files at 0");
    expected.add("socket.accept() out of system resource: Too many open files at 1");
    expected.addAll(Collections.nCopies(20, "hello at 2"));
    expected.add("ended");
    assertEquals(expected, outcome.out(), outcome.err());
    assertTrue(outcome.err().isEmpty(), outcome.err());
  }
}

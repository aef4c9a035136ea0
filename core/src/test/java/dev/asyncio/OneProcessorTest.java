package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.toThread;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OneProcessorTest {

  /** Never lets the loop wait while a thread works. */
  static final class Busy {
    public static void main(String[] arguments) {
      System.out.println(Runtime.getRuntime().availableProcessors());
      run(
          async(() -> {
            Task<String> working = createTask(toThread(() -> "worked"));
            while (!working.done()) {
              await(sleep(Duration.ZERO));
            }
            System.out.println(await(working));
          }));
    }
  }

  @Test
  void a_thread_does_its_work_while_the_only_processor_is_busy_with_the_loop() throws Exception {
    var outcome =
        ChildJvm.runUnder(
            "JAVA_TOOL_OPTIONS=-XX:ActiveProcessorCount=1; export JAVA_TOOL_OPTIONS; exec \"$@\"",
            Busy.class);
    assertEquals(List.of("1", "worked"), outcome.out(), outcome.err());
    assertEquals(0, outcome.status(), outcome.err());
  }
}

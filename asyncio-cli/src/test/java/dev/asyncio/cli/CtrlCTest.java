package dev.asyncio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.asyncio.cli.Script.Ended;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, as the signal it sends, to programs started by the real script. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CtrlCTest {
  private static final int SIGINT = 2;

  @TempDir Path folder;
  private Script script;

  @BeforeEach
  void makeScript() throws Exception {
    Assumptions.assumeFalse(
        interruptsAreIgnored(), "SIGINT is ignored by the process that runs the tests");
    script = new Script(folder);
  }

  /** A background job of a shell without job control ignores SIGINT, and so do its children. */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String mask = "SigIgn:";
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(mask))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(mask.length()).strip(), 16))
        .anyMatch(ignored -> (ignored & 1L << (SIGINT - 1)) != 0);
  }

  @Test
  void the_first_cancels_the_main_task_once() throws Exception {
    script.write(
        "Waits.java",
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        import static java.time.Duration.*;

        void main() {
          run(async(() -> {
            try {
              IO.println("ready");
              await(sleep(ofSeconds(50)));
            } catch (CancelledError e) {
              IO.println("cancelled " + currentTask().cancelling());
              throw e;
            } finally {
              await(sleep(ofMillis(10)));
              IO.println("cleaned up");
            }
          }));
        }
        """);
    Running running = new Running("Waits.java");
    running.expect("ready");
    running.interrupt();
    running.expect("cancelled 1");
    running.expect("cleaned up");
    assertEquals(new Ended(130, "", "KeyboardInterrupt\n"), running.end());
  }

  @Test
  void the_second_ends_a_program_that_does_not_stop() throws Exception {
    script.write(
        "Stays.java",
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        import static java.time.Duration.*;

        void main() {
          run(async(() -> {
            IO.println("ready");
            while (true) {
              try {
                await(sleep(ofSeconds(50)));
              } catch (CancelledError e) {
                IO.println("not yet");
              }
            }
          }));
        }
        """);
    Running running = new Running("Stays.java");
    running.expect("ready");
    running.interrupt();
    running.expect("not yet");
    running.interrupt();
    assertEquals(130, running.end().status());
  }

  @Test
  void before_a_loop_runs_it_just_ends_the_program() throws Exception {
    script.write(
        "Plain.java",
        """
        import java.util.concurrent.*;
        void main() throws Exception {
          IO.println("ready");
          new CountDownLatch(1).await(50, TimeUnit.SECONDS);
        }
        """);
    Running running = new Running("Plain.java");
    running.expect("ready");
    running.interrupt();
    assertEquals(new Ended(130, "", ""), running.end());
  }

  /** A program under way. */
  private final class Running {
    private final Process process;
    private final BufferedReader out;

    Running(String file) throws Exception {
      process =
          script.start(
              Script.HOME.resolve("asyncio"), List.of("run", "--engine", Script.ENGINE, file));
      out = process.inputReader();
    }

    void expect(String line) throws Exception {
      String said = out.readLine();
      if (said == null) {
        throw new AssertionError("it ended: " + end());
      }
      assertEquals(line, said);
    }

    void interrupt() throws Exception {
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    Ended end() throws Exception {
      return Script.end(process);
    }
  }
}

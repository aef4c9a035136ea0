package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.Asyncio.toThread;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OneProcessorTest {

  /** Never lets the loop wait while threads work, of which one waits for the other. */
  static final class Busy {
    public static void main(String[] arguments) {
      System.out.println(Runtime.getRuntime().availableProcessors());
      run(
          async(() -> {
            var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            Task<Integer> reading =
                createTask(toThread(() -> server.accept().getInputStream().read()));
            Task<String> writing =
                createTask(
                    toThread(() -> {
                      var socket = new Socket(server.getInetAddress(), server.getLocalPort());
                      socket.getOutputStream().write('!');
                      return "wrote";
                    }));
            while (!reading.done() || !writing.done()) {
              await(sleep(Duration.ZERO));
            }
            System.out.println(await(writing) + " " + await(reading));
          }));
    }
  }

  @Test
  void threads_do_their_work_while_the_only_processor_is_busy_with_the_loop() throws Exception {
    var outcome =
        ChildJvm.runUnder(
            "JAVA_TOOL_OPTIONS=-XX:ActiveProcessorCount=1; export JAVA_TOOL_OPTIONS; exec \"$@\"",
            Busy.class);
    assertEquals(List.of("1", "wrote 33"), outcome.out(), outcome.err());
    assertEquals(0, outcome.status(), outcome.err());
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.openConnection;

import java.nio.charset.StandardCharsets;

/** Workers that are sent a real signal in the middle of a request, for {@link WorkersPeersTest}. */
final class WorkersProgram {

  private WorkersProgram() {}

  public static void main(String[] arguments) {
    String signal = arguments[0];
    try {
      Workers.run(worker -> serve(worker, signal), WorkersOptions.defaults().loops(2));
    } catch (SystemExit exit) {
      System.out.println("exit " + exit.code());
    } catch (KeyboardInterrupt interrupt) {
      System.out.println("interrupted");
    }
  }

  private static Coroutine<?> serve(Worker worker, String signal) {
    return async(() -> {
      Server server =
          await(
              worker.startServer(
                  (reader, writer) -> {
                    try (writer) {
                      byte[] line = await(reader.readLine());
                      Signals.send(signal, ProcessHandle.current().pid());
                      while (!worker.isStopping()) {
                        Coroutine.yieldNow().await();
                      }
                      writer.write(line);
                      await(writer.drain());
                    }
                  },
                  "127.0.0.1",
                  0));
      if (worker.index() == 0) {
        int port = WorkersLink.portOf(server);
        Asyncio.createTask(async(() -> askOnce(port)));
      }
      try {
        await(server.serveForever());
      } finally {
        System.out.println("cleaning up");
      }
    });
  }

  /** A client on the loop of the first worker, which is not waited for but for its connection. */
  private static void askOnce(int port) throws Exception {
    try (var connection = await(openConnection("127.0.0.1", port))) {
      connection.writer().write("answered\n".getBytes(StandardCharsets.US_ASCII));
      System.out.print(WorkersLink.text(await(connection.reader().readLine())));
    }
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;

import java.io.IOException;
import java.net.Socket;
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
        Thread.ofPlatform().start(() -> askOnce(port));
      }
      try {
        await(server.serveForever());
      } finally {
        System.out.println("cleaning up");
      }
    });
  }

  /** A client that is no part of the workers, and so outlives whichever of them it asks. */
  private static void askOnce(int port) {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write("answered\n".getBytes(StandardCharsets.US_ASCII));
      System.out.print(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      System.out.println(e);
    }
  }
}

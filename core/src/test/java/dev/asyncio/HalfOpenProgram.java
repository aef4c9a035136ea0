package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.startServer;
import static dev.asyncio.Asyncio.toThread;
import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.port;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A server whose peer falls silent, in a network of its own, which it cuts off. */
final class HalfOpenProgram {
  private HalfOpenProgram() {}

  public static void main(String[] arguments) throws IOException {
    for (String setting : List.of("time", "intvl", "probes")) {
      Files.writeString(Path.of("/proc/sys/net/ipv4/tcp_keepalive_" + setting), "1");
    }
    Asyncio.run(
        async(() -> {
          Future<Boolean> accepted = runningLoop().createFuture();
          Future<Throwable> broken = runningLoop().createFuture();
          Server server =
              startServer(
                      (reader, writer) -> {
                        accepted.setResult(true);
                        try {
                          reader.read().await();
                        } catch (Exception exc) {
                          broken.setResult(exc);
                        }
                        writer.close();
                      },
                      List.of(HOST),
                      0,
                      ServerOptions.defaults().keepAlive(true),
                      StreamOptions.defaults())
                  .await();
          try (var peer = new Socket(HOST, port(server))) {
            accepted.await();
            toThread(HalfOpenProgram::cutOff).await();
            Throwable exc = broken.await();
            System.out.println((exc instanceof IOException) + ": " + exc.getMessage());
          }
          server.close();
          server.waitClosed().await();
          System.out.println("ended");
        }));
  }

  private static int cutOff() throws IOException, InterruptedException {
    return new ProcessBuilder("ip", "link", "set", "lo", "down").inheritIO().start().waitFor();
  }
}

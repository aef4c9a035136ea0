package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;

import dev.asyncio.Coroutine;
import dev.asyncio.PortSharing;
import dev.asyncio.Server;
import dev.asyncio.StreamOptions;
import dev.asyncio.Worker;
import dev.asyncio.Workers;
import dev.asyncio.WorkersOptions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An echo server with several loops behind one port.
 *
 * <p>Arguments: {@code protocol} or {@code streams}, the number of loops, {@code reuse-port} or
 * {@code hand-out}, the port on 127.0.0.1, 0 for any. Prints {@code listening on} and the port when
 * all loops listen. {@code bench/workers} drives this program.
 */
public final class WorkersEchoServer {

  private WorkersEchoServer() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) {
    if (args.length != 4) {
      System.err.println(
          "usage: WorkersEchoServer protocol|streams LOOPS reuse-port|hand-out PORT");
      System.exit(2);
    }
    var options =
        WorkersOptions.defaults()
            .loops(Integer.parseInt(args[1]))
            .sharing(
                switch (args[2]) {
                  case "reuse-port" -> PortSharing.REUSE_PORT;
                  case "hand-out" -> PortSharing.HAND_OUT;
                  default -> throw new IllegalArgumentException(args[2]);
                });
    boolean streams =
        switch (args[0]) {
          case "protocol" -> false;
          case "streams" -> true;
          default -> throw new IllegalArgumentException(args[0]);
        };
    int port = Integer.parseInt(args[3]);
    var missing = new AtomicInteger(options.loops());
    Workers.run(worker -> serve(worker, streams, port, missing), options);
  }

  private static Coroutine<?> serve(
      Worker worker, boolean streams, int port, AtomicInteger missing) {
    return Coroutine.of(() -> {
      var hosts = List.of(EchoServer.HOST);
      var options = EchoServer.OPTIONS;
      Server server =
          await(
              streams
                  ? worker.startServer(
                      EchoServer::echo, hosts, port, options, StreamOptions.defaults())
                  : worker.createServer(EchoServer.Echo.onOneLoop(), hosts, port, options));
      if (missing.decrementAndGet() == 0) {
        EchoServer.announce(server.sockets().getFirst());
      }
      await(server.serveForever());
    });
  }
}

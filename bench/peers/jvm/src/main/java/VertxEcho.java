import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;

/**
 * The echo server on one Vert.x event loop.
 *
 * <p>Argument: the port on 127.0.0.1, 0 for any. Says {@code listening on PORT} when it is up.
 */
public final class VertxEcho {
  private VertxEcho() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    vertx
        .createNetServer(new NetServerOptions().setAcceptBacklog(4096).setTcpNoDelay(true))
        .connectHandler(VertxEcho::echo)
        .listen(Integer.parseInt(args[0]), "127.0.0.1")
        .onSuccess(server -> System.out.println("listening on " + server.actualPort()));
  }

  private static void echo(NetSocket socket) {
    socket.exceptionHandler(gone -> {});
    socket.handler(data -> {
      socket.write(data);
      if (socket.writeQueueFull()) {
        socket.pause();
        socket.drainHandler(ready -> socket.resume());
      }
    });
  }
}

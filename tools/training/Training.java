import static dev.asyncio.Asyncio.*;

import dev.asyncio.*;
import java.time.Duration;

/** What most programs do, for the JVM to remember: see train in ./asyncio. */
void main() {
  run(
      async(() -> {
        taskGroup(group -> {
          for (int i = 0; i < 3; i++) {
            group.createTask(async(() -> await(sleep(Duration.ofMillis(1)))));
          }
        });
        await(gather(echoOnce(), sleep(Duration.ZERO)));
        await(toThread(() -> "done"));
        IO.println("trained");
      }));
}

Coroutine<Void> echoOnce() {
  return async(() -> {
    var server =
        await(
            startServer(
                (reader, writer) -> {
                  writer.write(await(reader.readLine()));
                  await(writer.drain());
                  writer.close();
                },
                "127.0.0.1",
                0));
    var port = ((java.net.InetSocketAddress) server.sockets().getFirst().getSockName()).getPort();
    var connection = await(openConnection("127.0.0.1", port));
    connection.writer().write("hello\n".getBytes());
    await(connection.reader().readLine());
    connection.writer().close();
    server.close();
    await(server.waitClosed());
  });
}

import static dev.asyncio.Asyncio.*;

import dev.asyncio.*;
import java.time.Duration;

/** What most programs do, for the JVM to remember: see train in ./asyncio. */
void main() throws Exception {
  readAsTheCacheDoes();
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

/** A run of an unchanged program reads it from the cache; this one has just been compiled. */
void readAsTheCacheDoes() throws Exception {
  var bytes = new java.io.ByteArrayOutputStream();
  var out = new java.io.DataOutputStream(bytes);
  out.writeUTF("text");
  out.writeLong(1);
  var in = new java.io.DataInputStream(new java.io.ByteArrayInputStream(bytes.toByteArray()));
  IO.println(in.readUTF() + in.readLong() + in.readNBytes(1).length);
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.startServer;
import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A server whose process has run out of descriptors, and gets some back. */
final class ExhaustedProgram {
  private static final int CLIENTS = 20;

  /** Time that jumps when nothing is left to do. */
  private static final class Jumping implements Clock {
    private long now;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public long idle(long nanos) {
      if (nanos != Long.MAX_VALUE) {
        now += nanos;
        return 0;
      }
      return nanos;
    }
  }

  private ExhaustedProgram() {}

  public static void main(String[] arguments) {
    Asyncio.run(
        async(() -> {
          serve(0);
          say("served");
          serve(2);
        }),
        RunnerOptions.defaults().clock(new Jumping()));
    say("ended");
  }

  /** Serves clients, once accepting has failed so many times. */
  private static void serve(int failures) throws IOException {
    AbstractEventLoop loop = runningLoop();
    Future<Long> enough = loop.createFuture();
    int[] failed = new int[1];
    loop.setExceptionHandler((_, context) -> {
      if (++failed[0] == failures) {
        enough.setResult(seconds());
      }
      Throwable exc = context.exception();
      say(context.message() + ": " + (exc == null ? "" : exc.getMessage()) + " at " + seconds());
    });
    Server server =
        startServer(
                (reader, writer) -> {
                  writer.write(reader.readExactly(5).await());
                  writer.close();
                },
                List.of(HOST),
                0,
                ServerOptions.defaults().startServing(false),
                StreamOptions.defaults())
            .await();
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      var client = SocketChannel.open(new InetSocketAddress(HOST, port(server)));
      client.configureBlocking(false);
      clients.add(client);
    }
    Deque<FileInputStream> hogs = failures > 0 ? takeAll() : new ArrayDeque<>();
    server.startServing().await();
    if (failures > 0) {
      enough.await();
    }
    while (!hogs.isEmpty()) {
      hogs.pop().close();
    }
    for (SocketChannel client : clients) {
      loop.sockSendall(client, ByteBuffer.wrap(bytes("hello"))).await();
      ByteBuffer echo = loop.sockRecv(client, 100).await();
      say(StandardCharsets.US_ASCII.decode(echo) + " at " + seconds());
      client.close();
    }
    server.close();
    server.waitClosed().await();
  }

  private static Deque<FileInputStream> takeAll() throws IOException {
    Deque<FileInputStream> hogs = new ArrayDeque<>();
    try {
      while (true) {
        hogs.push(new FileInputStream("/dev/null"));
      }
    } catch (IOException noMore) {
      hogs.pop().close(); // one was left when the server began
      return hogs;
    }
  }

  private static long seconds() {
    return runningLoop().time().toSeconds();
  }

  private static void say(String what) {
    System.out.println(what);
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.currentTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.VirtualTime.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.transport.Protocol;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What depends on the machine below. */
@Timeout(60)
class PlatformSurfaceTest {

  @Test
  void freeThreading() {
    int loops = 4;
    var allRun = new CyclicBarrier(loops);
    var allLooked = new CyclicBarrier(loops);
    List<AbstractEventLoop> known = List.of(newLoops(loops));
    var results = new ArrayList<CompletableFuture<Set<Thread>>>();
    for (int i = 0; i < loops; i++) {
      AbstractEventLoop loop = known.get(i);
      AbstractEventLoop neighbour = known.get((i + 1) % loops);
      Thread.Builder builder = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      results.add(
          onThread(builder, () -> loop.runUntilComplete(one(loop, neighbour, allRun, allLooked))));
    }
    Set<Thread> seen = new HashSet<>();
    for (CompletableFuture<Set<Thread>> result : results) {
      for (Thread thread : result.join()) {
        assertTrue(seen.add(thread), "no thread belongs to two loops");
      }
    }
    known.forEach(AbstractEventLoop::close);
  }

  private static AbstractEventLoop[] newLoops(int count) {
    var loops = new AbstractEventLoop[count];
    for (int i = 0; i < count; i++) {
      loops[i] = Asyncio.newEventLoop();
    }
    return loops;
  }

  private static Coroutine<Set<Thread>> one(
      AbstractEventLoop loop,
      AbstractEventLoop neighbour,
      CyclicBarrier allRun,
      CyclicBarrier allLooked) {
    return async(() -> {
      Set<Thread> threads = new HashSet<>();
      Task<?> main = currentTask();
      Task<?> idle = Asyncio.createTask(async(() -> loop.createFuture().await()));
      ticks(1);
      // Between the barriers all loops run, and none makes or ends tasks.
      Asyncio.toThread(() -> allRun.await()).await();
      assertEquals(2, Asyncio.allTasks(neighbour).size());
      Asyncio.toThread(() -> allLooked.await()).await();
      for (int turn = 0; turn < 1000; turn++) {
        assertSame(loop, runningLoop());
        assertSame(main, currentTask());
        threads.add(Thread.currentThread());
        Task<Thread> child = Asyncio.createTask(async(() -> Thread.currentThread()));
        threads.add(child.await());
      }
      idle.cancel();
      ticks(2);
      return threads;
    });
  }

  private static <T> CompletableFuture<T> onThread(Thread.Builder builder, Callable<T> body) {
    var result = new CompletableFuture<T>();
    builder.start(() -> {
      try {
        result.complete(body.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  @Test
  void clockResolution() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          Duration before = loop.time();
          Duration delay = Duration.ofNanos(1_500_000);
          Future<Duration> woken = loop.createFuture();
          loop.callLater(delay, () -> woken.setResult(loop.time()));
          Duration slept = woken.await().minus(before);
          assertTrue(slept.compareTo(delay) >= 0, () -> "woken early, after " + slept);
        }));
  }

  @Test
  void noFileWatching(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "content");
    assertFalse(SelectableChannel.class.isAssignableFrom(FileChannel.class), "no way to watch one");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Asyncio.run(
          async(() -> {
            AbstractEventLoop loop = runningLoop();
            var reading =
                assertThrows(
                    IllegalArgumentException.class,
                    () -> loop.connectReadPipe(() -> new Protocol() {}, channel).await());
            assertTrue(
                reading.getMessage().startsWith("Pipe transport is for pipes/sockets only."),
                reading.getMessage());
            var writing =
                assertThrows(
                    IllegalArgumentException.class,
                    () -> loop.connectWritePipe(() -> new Protocol() {}, channel).await());
            assertTrue(
                writing
                    .getMessage()
                    .startsWith("Pipe transport is only for pipes, sockets and character devices"),
                writing.getMessage());
          }));
      assertTrue(channel.isOpen(), "it was not taken over");
    }
  }

  /** The JDK has Unix sockets on Windows too, so it is loops that may lack them. */
  @Test
  void unixOnly(@TempDir Path folder) {
    Path path = folder.resolve("socket");
    Asyncio.run(
        async(() -> {
          Server server = Asyncio.startUnixServer((reader, writer) -> writer.close(), path).await();
          try (var connection = Asyncio.openUnixConnection(path).await()) {
            assertEquals(0, connection.reader().read().await().length);
          }
          server.close();
          server.waitClosed().await();
        }));
    Networking without = new Networking() {};
    var connecting =
        assertThrows(
            UnsupportedOperationException.class,
            () ->
                without.createUnixConnection(
                    () -> new Protocol() {}, path, ConnectOptions.defaults()));
    assertTrue(connecting.getMessage().contains("createUnixConnection()"));
    var serving =
        assertThrows(
            UnsupportedOperationException.class,
            () ->
                without.createUnixServer(() -> new Protocol() {}, path, ServerOptions.defaults()));
    assertTrue(serving.getMessage().contains("createUnixServer()"));
  }

  @Test
  void signalsMainThread() {
    Signals.assumed();
    var heardOn = new CompletableFuture<Thread>();
    var loopThread =
        onThread(
            Thread.ofPlatform(),
            () ->
                Asyncio.run(
                    Asyncio.<Thread>async(() -> {
                      AbstractEventLoop loop = runningLoop();
                      Future<Thread> heard = loop.createFuture();
                      loop.addSignalHandler(
                          "WINCH",
                          () -> {
                            assertSame(loop, runningLoop());
                            heard.setResult(Thread.currentThread());
                          });
                      Signals.send("WINCH", ProcessHandle.current().pid());
                      heardOn.complete(heard.await());
                      Future<Thread> own = loop.createFuture();
                      loop.callSoon(() -> own.setResult(Thread.currentThread()));
                      return own.await();
                    })));
    assertSame(loopThread.join(), heardOn.join(), "the loop's thread, which is not the main one");
  }
}

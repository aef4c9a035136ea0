package dev.asyncio.file;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Coroutine;
import dev.asyncio.Task;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files, open and by name. */
@Timeout(60)
class AsyncFileTest {
  @TempDir Path folder = Path.of("");

  @Test
  void reads_writes_and_the_position_are_those_of_one_file() {
    run(() -> {
      Path path = folder.resolve("file");
      try (AsyncFile file = AsyncFile.open(path, CREATE, READ, WRITE).await()) {
        file.write("one\ntwo\nthree").await();
        assertEquals(13, file.position());
        assertEquals(13, file.size().await());
        assertEquals(0, file.read(10).await().length, "at the end");
        file.seek(4);
        assertEquals("two\n", text(file.readLine().await()));
        assertEquals(8, file.position());
        assertEquals("th", text(file.read(2).await()));
        file.write("REE!").await();
        file.seek(0);
        assertEquals("one\ntwo\nthREE!", text(file.read().await()));
        file.truncate(4).await();
        file.flush().await();
        file.seek(0);
        assertEquals("one\n", text(file.readLine().await()));
        assertEquals("", text(file.readLine().await()));
        assertThrows(IllegalArgumentException.class, () -> file.seek(-1));
        assertThrows(IllegalArgumentException.class, () -> file.read(-1));
      }
      assertEquals("one\n", Files.readString(path));
      try (AsyncFile file = AsyncFile.open(path, WRITE, APPEND).await()) {
        file.write(bytes("two\n")).await();
      }
      assertEquals("one\ntwo\n", Files.readString(path));
    });
  }

  @Test
  void a_large_file_is_the_same_in_pieces_in_lines_and_whole() {
    byte[] noise = new byte[1_000_000];
    new Random(1).nextBytes(noise);
    run(() -> {
      Path path = Files.write(folder.resolve("noise"), noise);
      try (AsyncFile file = AsyncFile.open(path).await()) {
        assertArrayEquals(noise, file.read().await());
        file.seek(0);
        byte[] joined = new byte[noise.length];
        int at = 0;
        byte[] part;
        for (int i = 0;
            (part = (i % 2 == 0 ? file.readLine() : file.read(777)).await()).length > 0;
            i++) {
          System.arraycopy(part, 0, joined, at, part.length);
          at += part.length;
          assertEquals(at, file.position());
        }
        assertArrayEquals(noise, joined);
      }
    });
  }

  @Test
  void lines_are_iterated_as_text() {
    run(() -> {
      Path path = Files.writeString(folder.resolve("lines"), "ä\n\r\n\nlast");
      List<String> lines = new ArrayList<>();
      try (AsyncFile file = AsyncFile.open(path).await()) {
        for (String line : file) {
          lines.add(line);
        }
      }
      assertEquals(List.of("ä", "", "", "last"), lines);
    });
  }

  @Test
  void writes_of_many_tasks_are_made_in_the_order_of_asking() {
    run(() -> {
      Path path = folder.resolve("many");
      List<Task<?>> tasks = new ArrayList<>();
      StringBuilder expected = new StringBuilder();
      try (AsyncFile file = AsyncFile.open(path, CREATE, WRITE).await()) {
        for (int i = 0; i < 100; i++) {
          expected.append(i).append('\n');
          tasks.add(Asyncio.createTask(file.write(i + "\n")));
        }
        for (Task<?> task : tasks) {
          task.await();
        }
      }
      assertEquals(expected.toString(), Files.readString(path));
    });
  }

  @Test
  void a_cancelled_read_takes_nothing_and_a_cancelled_write_is_completed() {
    run(() -> {
      Path path = Files.writeString(folder.resolve("cancelled"), "0123456789");
      try (AsyncFile file = AsyncFile.open(path, READ, WRITE).await()) {
        Task<byte[]> reading = Asyncio.createTask(file.read(5));
        ticks(1);
        reading.cancel();
        assertThrows(CancelledError.class, reading::await);
        assertEquals("01234", text(file.read(5).await()));
        Task<?> writing = Asyncio.createTask(file.write("abc"));
        ticks(1);
        writing.cancel();
        assertThrows(CancelledError.class, writing::await);
        assertEquals(8, file.position());
        assertEquals("89", text(file.read().await()), "after the write that was cancelled");
      }
      assertEquals("01234abc89", Files.readString(path));
    });
  }

  @Test
  void cancelling_an_open_leaves_no_descriptor() {
    Path open = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(open), "needs /proc");
    run(() -> {
      Path path = Files.writeString(folder.resolve("opened"), "x");
      for (int turns = 0; turns < 20; turns++) {
        Task<AsyncFile> opening = Asyncio.createTask(AsyncFile.open(path));
        ticks(turns / 4);
        opening.cancel();
        try (AsyncFile file = opening.await()) {
          assertTrue(file.toString().contains("opened"));
        } catch (CancelledError e) {
          // as asked
        }
      }
      while (points(open, path)) {
        Coroutine.yieldNow().await();
      }
      assertFalse(points(open, path));
    });
  }

  private static boolean points(Path descriptors, Path file) throws IOException {
    try (var all = Files.list(descriptors)) {
      return all.anyMatch(link -> {
        try {
          return Files.readSymbolicLink(link).equals(file);
        } catch (IOException gone) {
          return false;
        }
      });
    }
  }

  @Test
  void the_loop_goes_on_while_a_file_is_slow() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "needs mkfifo");
    Path fifo = folder.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    run(() -> {
      var read = new CountDownLatch(1);
      Task<?> reading =
          start(() -> {
            assertEquals("late", AsyncPath.of(fifo.toString()).readText().await());
            read.countDown();
          });
      ticks(100); // opening blocks until somebody writes
      assertFalse(reading.done());
      new AsyncPath(fifo).appendText("late").await();
      reading.await();
      assertEquals(0, read.getCount());
    });
  }

  @Test
  void errors_name_the_file() {
    run(() -> {
      Path missing = folder.resolve("missing");
      var gone = assertThrows(NoSuchFileException.class, () -> AsyncFile.open(missing).await());
      assertEquals(missing.toString(), gone.getFile());
      assertThrows(NoSuchFileException.class, () -> new AsyncPath(missing).readText().await());
      AsyncFile closed = AsyncFile.open(Files.writeString(missing, "")).await();
      closed.close();
      closed.close();
      assertThrows(ClosedChannelException.class, () -> closed.read(1).await());
    });
  }

  @Test
  void paths_can_do_what_files_can() {
    run(() -> {
      AsyncPath root = new AsyncPath(folder).resolve("root");
      root.resolve("b").resolve("c").mkdir().await();
      root.mkdir().await();
      AsyncPath one = root.resolve("a");
      one.writeText("eins\n").await();
      one.appendText("zwei").await();
      assertEquals("eins\nzwei", one.readText().await());
      assertEquals(List.of("eins", "zwei"), one.readLines().await());
      assertEquals(9, one.size().await());
      assertTrue(one.exists().await() && one.isFile().await() && !one.isDirectory().await());
      AsyncPath copy = one.copy(root.resolve("b").resolve("d")).await();
      assertArrayEquals(bytes("eins\nzwei"), copy.readBytes().await());
      List<String> walked = new ArrayList<>();
      for (AsyncPath each : root.walk()) {
        walked.add(folder.relativize(each.path()).toString());
      }
      assertEquals(List.of("root", "root/a", "root/b", "root/b/c", "root/b/d"), walked);
      assertEquals(List.of(one, root.resolve("b")), root.list().await());
      AsyncPath moved = copy.move(root.resolve("e")).await();
      assertFalse(copy.exists().await());
      assertTrue(moved.delete().await());
      assertFalse(moved.delete().await());
      AsyncPath temp = AsyncPath.tempFile("asyncio", ".txt").await();
      assertTrue(temp.delete().await());
      AsyncPath tempFolder = AsyncPath.tempDirectory("asyncio").await();
      assertTrue(tempFolder.isDirectory().await());
      assertTrue(tempFolder.delete().await());
    });
  }
}

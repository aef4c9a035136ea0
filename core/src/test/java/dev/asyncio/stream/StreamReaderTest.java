package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Coroutine;
import dev.asyncio.IncompleteReadException;
import dev.asyncio.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading from a reader that is fed by hand; separators and limits are in tests of their own. */
@Timeout(60)
class StreamReaderTest {
  private final StreamReader reader = new StreamReader();

  private void feed(String text) {
    reader.feedData(bytes(text));
  }

  private static Task<byte[]> task(Coroutine<byte[]> read) {
    return Asyncio.createTask(read);
  }

  @Test
  void read_gives_what_is_there_but_not_more_than_asked_for() {
    run(() -> {
      feed("hello");
      assertEquals("he", text(reader.read(2).await()));
      assertEquals("llo", text(reader.read(100).await()));
    });
  }

  @Test
  void read_of_what_is_there_does_not_suspend() {
    run(() -> {
      List<String> log = new ArrayList<>();
      start(() -> log.add("another task"));
      feed("a\nbcd");
      log.add(text(reader.readLine().await()));
      log.add(text(reader.readExactly(1).await()));
      log.add(text(reader.readUntil(bytes("c")).await()));
      log.add(text(reader.read(10).await()));
      assertEquals(List.of("a\n", "b", "c", "d"), log);
    });
  }

  @Test
  void read_waits_for_the_first_bytes() {
    run(() -> {
      Task<byte[]> read = task(reader.read(100));
      ticks(2);
      assertFalse(read.done());
      feed("abc");
      assertEquals("abc", text(read.await()));
    });
  }

  @Test
  void read_of_nothing_is_empty_at_once() {
    run(() -> assertEquals("", text(reader.read(0).await())));
  }

  @Test
  void read_at_the_end_is_empty() {
    run(() -> {
      feed("a");
      reader.feedEof();
      assertFalse(reader.atEof());
      assertEquals("a", text(reader.read(10).await()));
      assertTrue(reader.atEof());
      assertEquals("", text(reader.read(10).await()));
      assertEquals("", text(reader.read().await()));
    });
  }

  @Test
  void read_without_a_number_goes_on_to_the_end() {
    run(() -> {
      feed("one ");
      Task<byte[]> all = task(reader.read());
      Task<byte[]> none = task(new StreamReader().read(0));
      ticks(1);
      feed("two ");
      ticks(2);
      feed("three");
      ticks(2);
      assertFalse(all.done());
      reader.feedEof();
      assertEquals("one two three", text(all.await()));
      assertEquals("", text(none.await()));
    });
  }

  @Test
  void a_negative_number_means_to_the_end() {
    run(() -> {
      feed("all of it");
      reader.feedEof();
      assertEquals("all of it", text(reader.read(-1).await()));
    });
  }

  @Test
  void read_exactly_waits_until_all_is_there() {
    run(() -> {
      Task<byte[]> read = task(reader.readExactly(5));
      for (String part : List.of("a", "bc", "d")) {
        feed(part);
        ticks(3);
        assertFalse(read.done());
      }
      feed("efg");
      assertEquals("abcde", text(read.await()));
      assertEquals("fg", text(reader.read(10).await()));
    });
  }

  @Test
  void read_exactly_tells_what_there_was_when_the_stream_ends_before() {
    run(() -> {
      feed("abc");
      reader.feedEof();
      var exc = assertThrows(IncompleteReadException.class, () -> reader.readExactly(5).await());
      assertEquals("abc", text(exc.partial()));
      assertEquals(OptionalInt.of(5), exc.expected());
      assertEquals("3 bytes read on a total of 5 expected bytes", exc.getMessage());
      assertTrue(reader.atEof());
    });
  }

  @Test
  void read_exactly_of_a_negative_number_is_refused() {
    run(() -> {
      var exc = assertThrows(IllegalArgumentException.class, () -> reader.readExactly(-1).await());
      assertTrue(exc.getMessage().startsWith("readexactly size can not be less than zero"));
    });
  }

  @Test
  void read_exactly_of_nothing_is_empty_even_at_the_end() {
    run(() -> {
      reader.feedEof();
      assertEquals("", text(reader.readExactly(0).await()));
    });
  }

  @Test
  void read_line_gives_lines_with_their_newline_and_the_rest_without() {
    run(() -> {
      feed("one\n\ntwo\r\nthr");
      feed("ee");
      reader.feedEof();
      assertEquals("one\n", text(reader.readLine().await()));
      assertEquals("\n", text(reader.readLine().await()));
      assertEquals("two\r\n", text(reader.readLine().await()));
      assertEquals("three", text(reader.readLine().await()));
      assertEquals("", text(reader.readLine().await()));
    });
  }

  @Test
  void a_loop_over_the_reader_gives_its_lines() {
    run(() -> {
      List<String> lines = new ArrayList<>();
      Task<?> loop =
          start(() -> {
            for (byte[] line : reader) {
              lines.add(text(line));
            }
          });
      feed("a\nb");
      ticks(2);
      assertEquals(List.of("a\n"), lines);
      feed("b\n\nc");
      reader.feedEof();
      loop.await();
      assertEquals(List.of("a\n", "bb\n", "\n", "c"), lines);
    });
  }

  @Test
  void the_end_wakes_a_waiting_read() {
    run(() -> {
      Task<byte[]> read = task(reader.read(10));
      ticks(1);
      reader.feedEof();
      assertEquals("", text(read.await()));
    });
  }

  @Test
  void an_exception_wakes_a_waiting_read_and_meets_every_later_one() {
    run(() -> {
      assertNull(reader.exception());
      Task<byte[]> read = task(reader.read(10));
      ticks(1);
      var broken = new IOException("broken");
      reader.setException(broken);
      assertSame(broken, assertThrows(IOException.class, read::await));
      assertSame(broken, reader.exception());
      List<Supplier<Coroutine<byte[]>>> reads =
          List.of(
              () -> reader.read(1),
              () -> reader.read(0),
              reader::read,
              reader::readLine,
              () -> reader.readExactly(1),
              () -> reader.readUntil(bytes("x")));
      for (var again : reads) {
        assertSame(broken, assertThrows(IOException.class, () -> again.get().await()));
      }
    });
  }

  @Test
  void data_after_the_end_is_refused() {
    reader.feedEof();
    assertThrows(IllegalStateException.class, () -> feed("late"));
  }

  @Test
  void a_limit_must_be_positive() {
    assertThrows(IllegalArgumentException.class, () -> new StreamReader(0));
    assertThrows(IllegalArgumentException.class, () -> new StreamReader(-1));
  }

  @Test
  void a_transport_is_set_once() {
    reader.setTransport(new PausableTransport());
    assertThrows(IllegalStateException.class, () -> reader.setTransport(new PausableTransport()));
  }

  @Test
  void a_second_reader_is_refused_by_the_name_of_its_call() {
    run(() -> {
      Task<byte[]> first = task(reader.read(10));
      ticks(1);
      var exc = assertThrows(IllegalStateException.class, () -> reader.readLine().await());
      assertTrue(
          exc.getMessage()
              .startsWith(
                  "readUntil() called while another coroutine is already waiting for incoming"
                      + " data"),
          exc.getMessage());
      feed("the first");
      assertEquals("the first", text(first.await()));
    });
  }

  @Test
  void a_read_that_finds_its_data_taken_by_another_goes_on_waiting() {
    run(() -> {
      Task<byte[]> first = task(reader.read(10));
      ticks(1);
      feed("a");
      assertEquals("a", text(reader.read(10).await())); // before the first is stepped
      ticks(2);
      assertFalse(first.done());
      feed("b");
      assertEquals("b", text(first.await()));
    });
  }

  @Test
  void cancelling_a_read_of_any_kind_loses_nothing() {
    run(() -> {
      List<Supplier<Coroutine<byte[]>>> reads =
          List.of(
              () -> reader.read(100),
              reader::read,
              reader::readLine,
              () -> reader.readExactly(1000),
              () -> reader.readUntil(bytes("END")),
              () -> reader.readUntil(List.of(bytes("END"), bytes("FIN"))));
      for (var read : reads) {
        Task<byte[]> before = task(read.get()); // cancelled while nothing is there
        ticks(1);
        before.cancel();
        assertThrows(CancelledError.class, before::await);

        Task<byte[]> woken = task(read.get()); // cancelled between its data and its step
        ticks(1);
        feed("abc");
        woken.cancel();
        assertThrows(CancelledError.class, woken::await);

        feed("def");
        assertEquals("abcdef", text(reader.readExactly(6).await()));
      }
    });
  }

  @Test
  void cancelling_a_read_to_the_end_midway_keeps_what_had_arrived() {
    run(() -> {
      Task<byte[]> all = task(reader.read());
      for (String part : List.of("one ", "two ")) {
        ticks(2);
        feed(part);
      }
      ticks(2);
      all.cancel();
      assertThrows(CancelledError.class, all::await);
      feed("three");
      reader.feedEof();
      assertEquals("one two three", text(reader.read().await()));
    });
  }

  @Test
  void cancelling_a_loop_over_lines_loses_nothing() {
    run(() -> {
      Task<?> loop =
          start(() -> {
            for (byte[] line : reader) {
              assertEquals("one\n", text(line));
            }
          });
      feed("one\ntw");
      ticks(2);
      loop.cancel();
      assertThrows(CancelledError.class, loop::await);
      feed("o\n");
      assertEquals("two\n", text(reader.readLine().await()));
    });
  }
}

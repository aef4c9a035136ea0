package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.IncompleteReadException;
import dev.asyncio.LimitOverrunException;
import dev.asyncio.Task;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Separators, cut anywhere, and the limit on how far they are looked for. */
@Timeout(60)
class ReadUntilTest {
  private static List<byte[]> separators(String... texts) {
    return Arrays.stream(texts).map(text -> bytes(text)).toList();
  }

  private static void feed(StreamReader reader, String text) {
    reader.feedData(bytes(text));
  }

  @Test
  void a_chunk_ends_with_its_separator() {
    run(() -> {
      var reader = new StreamReader();
      feed(reader, "key: value\r\n\r\nbody");
      assertEquals("key: ", text(reader.readUntil(bytes(": ")).await()));
      assertEquals("value\r\n\r\n", text(reader.readUntil(bytes("\r\n\r\n")).await()));
      assertEquals("body", text(reader.read(10).await()));
    });
  }

  @Test
  void a_separator_is_found_however_it_is_cut() {
    run(() -> {
      String stream = "aSEPSEPbbSESEPccSE";
      for (int cut = 0; cut <= stream.length(); cut++) {
        for (int second = cut; second <= stream.length(); second++) {
          var reader = new StreamReader();
          Task<String> chunks =
              Asyncio.createTask(
                  Asyncio.async(() -> {
                    String all = "";
                    for (int i = 0; i < 3; i++) {
                      all += text(reader.readUntil(bytes("SEP")).await()) + "|";
                    }
                    return all;
                  }));
          ticks(1);
          feed(reader, stream.substring(0, cut));
          ticks(2);
          feed(reader, stream.substring(cut, second));
          ticks(2);
          feed(reader, stream.substring(second));
          assertEquals("aSEP|SEP|bbSESEP|", chunks.await());
          assertEquals("ccSE", text(reader.read(10).await()));
        }
      }
    });
  }

  @Test
  void of_several_separators_the_one_that_ends_first_counts() {
    run(() -> {
      var reader = new StreamReader();
      feed(reader, "some dataAAsome dataBsome data");
      var either = separators("AA", "B");
      assertEquals("some dataAA", text(reader.readUntil(either).await()));
      assertEquals("some dataB", text(reader.readUntil(either).await()));
      reader.feedEof();
      assertThrows(IncompleteReadException.class, () -> reader.readUntil(either).await());
    });
  }

  @Test
  void a_separator_inside_another_counts_if_it_ends_first() {
    run(() -> {
      var reader = new StreamReader();
      feed(reader, "xLONGSEPy");
      assertEquals("xLONG", text(reader.readUntil(separators("LONGSEP", "NG")).await()));
      assertEquals("SEP", text(reader.readUntil(separators("EP", "SEP")).await()));
    });
  }

  @Test
  void a_short_separator_behind_half_a_long_one_is_not_searched_for_twice() {
    run(() -> {
      var reader = new StreamReader();
      Task<byte[]> chunk = Asyncio.createTask(reader.readUntil(separators("B", "AAAAAAAAAA")));
      ticks(1);
      feed(reader, "xAAAA");
      ticks(2);
      feed(reader, "AB");
      assertEquals("xAAAAAB", text(chunk.await()));
    });
  }

  @Test
  void several_separators_are_found_however_the_stream_is_cut() {
    run(() -> {
      var random = new Random(7);
      for (int round = 0; round < 3000; round++) {
        List<byte[]> separators =
            random
                .ints(1 + random.nextInt(3), 1, 5)
                .mapToObj(length -> letters(random, length))
                .toList();
        byte[] stream = letters(random, 1 + random.nextInt(30));
        var reader = new StreamReader();
        Task<byte[]> chunk = Asyncio.createTask(reader.readUntil(separators));
        ticks(1);
        for (int at = 0; at < stream.length; ) {
          int end = Math.min(stream.length, at + 1 + random.nextInt(6));
          reader.feedData(Arrays.copyOfRange(stream, at, end));
          at = end;
          ticks(random.nextInt(3));
        }
        reader.feedEof();
        int end = earliestEnd(stream, separators);
        String what = text(stream) + " by " + separators.stream().map(s -> text(s)).toList();
        if (end < 0) {
          var exc = assertThrows(IncompleteReadException.class, chunk::await, what);
          assertEquals(text(stream), text(exc.partial()));
        } else {
          assertEquals(text(Arrays.copyOf(stream, end)), text(chunk.await()), what);
          assertEquals(text(stream).substring(end), text(reader.read().await()), what);
        }
      }
    });
  }

  private static byte[] letters(Random random, int length) {
    return bytes(
        random
            .ints(length, 'a', 'c')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString());
  }

  private static int earliestEnd(byte[] stream, List<byte[]> separators) {
    return separators.stream()
        .mapToInt(
            s -> text(stream).indexOf(text(s)) + (text(stream).contains(text(s)) ? s.length : 0))
        .filter(end -> end >= 0)
        .min()
        .orElse(-1);
  }

  @Test
  void an_early_end_tells_what_there_was() {
    run(() -> {
      var reader = new StreamReader();
      feed(reader, "half a li");
      reader.feedEof();
      var exc =
          assertThrows(IncompleteReadException.class, () -> reader.readUntil(bytes("\n")).await());
      assertEquals("half a li", text(exc.partial()));
      assertEquals(OptionalInt.empty(), exc.expected());
      assertEquals("9 bytes read on a total of undefined expected bytes", exc.getMessage());
      assertTrue(reader.atEof());
    });
  }

  @Test
  void a_separator_that_came_with_the_end_is_found() {
    run(() -> {
      var reader = new StreamReader();
      Task<byte[]> chunk = Asyncio.createTask(reader.readUntil(bytes("\n")));
      ticks(1);
      feed(reader, "line\nrest");
      reader.feedEof();
      assertEquals("line\n", text(chunk.await()));
    });
  }

  @Test
  void empty_separators_are_refused() {
    run(() -> {
      var reader = new StreamReader();
      feed(reader, "data");
      assertEquals(
          "Separator should be at least one-byte string",
          assertThrows(IllegalArgumentException.class, () -> reader.readUntil(bytes("")).await())
              .getMessage());
      assertThrows(
          IllegalArgumentException.class, () -> reader.readUntil(separators("ok", "")).await());
      assertEquals(
          "Separator should contain at least one element",
          assertThrows(IllegalArgumentException.class, () -> reader.readUntil(List.of()).await())
              .getMessage());
      assertEquals("data", text(reader.read(10).await()));
    });
  }

  @Test
  void without_a_separator_in_the_limit_all_data_stays_and_can_be_skipped() {
    run(() -> {
      var reader = new StreamReader(3);
      feed(reader, "012345678");
      var exc =
          assertThrows(LimitOverrunException.class, () -> reader.readUntil(bytes("AB")).await());
      assertTrue(exc.getMessage().startsWith("Separator is not found, and chunk exceed the limit"));
      assertEquals(8, exc.consumed()); // the last byte may begin a separator
      assertEquals("01234567", text(reader.readExactly(exc.consumed()).await()));
      assertEquals("8", text(reader.read(10).await()));
    });
  }

  @Test
  void a_separator_behind_the_limit_is_told_apart() {
    run(() -> {
      var reader = new StreamReader(3);
      feed(reader, "01234AB6");
      var exc =
          assertThrows(LimitOverrunException.class, () -> reader.readUntil(bytes("AB")).await());
      assertTrue(exc.getMessage().startsWith("Separator is found, but chunk is longer than limit"));
      assertEquals(5, exc.consumed());
      assertEquals("01234AB6", text(reader.read(100).await()));
    });
  }

  @Test
  void a_chunk_of_exactly_the_limit_is_read() {
    run(() -> {
      var reader = new StreamReader(4);
      feed(reader, "0123\n01234\n");
      assertEquals("0123\n", text(reader.readLine().await()));
      var exc = assertThrows(IllegalArgumentException.class, () -> reader.readLine().await());
      assertTrue(exc.getCause() instanceof LimitOverrunException);
      assertFalse(reader.atEof());
    });
  }

  @Test
  void a_line_over_the_limit_is_discarded_up_to_its_end_and_the_next_one_read() {
    run(() -> {
      var reader = new StreamReader(3);
      feed(reader, "too long\nok\n");
      assertThrows(IllegalArgumentException.class, () -> reader.readLine().await());
      assertEquals("ok\n", text(reader.readLine().await()));
    });
  }

  @Test
  void a_line_over_the_limit_without_an_end_is_discarded_as_far_as_it_came() {
    run(() -> {
      var reader = new StreamReader(3);
      feed(reader, "too lo");
      var exc = assertThrows(IllegalArgumentException.class, () -> reader.readLine().await());
      assertTrue(exc.getMessage().contains("StreamOptions.limit()"), exc.getMessage());
      feed(reader, "ng\nok\n");
      assertEquals("ng\n", text(reader.readLine().await()));
      assertEquals("ok\n", text(reader.readLine().await()));
    });
  }
}

package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadBufferTest {
  private final ReadBuffer buffer = new ReadBuffer();

  private void append(String text) {
    buffer.append(ByteBuffer.wrap(bytes(text)));
  }

  @Test
  void a_read_of_all_that_one_feed_brought_copies_nothing() {
    append("hello");
    byte[] inside = buffer.data;
    assertSame(inside, buffer.take(buffer.size()));
  }

  @Test
  void an_empty_buffer_holds_no_memory() {
    append("hello");
    append(" world");
    buffer.take(3);
    buffer.drop(8);
    assertTrue(buffer.isEmpty());
    assertSame(ReadBuffer.NONE, buffer.data);
  }

  @Test
  void what_was_taken_does_not_change_later() {
    append("hello");
    byte[] taken = buffer.take(2);
    append("XXXXXXXXXXXXXXXXXXXX");
    buffer.take(buffer.size());
    append("YYYYY");
    assertEquals("he", text(taken));
  }

  @Test
  void a_pattern_is_found_where_it_first_begins() {
    append("..abab..aba");
    buffer.drop(1);
    assertEquals(1, buffer.indexOf(bytes("ab"), 0));
    assertEquals(3, buffer.indexOf(bytes("ab"), 2));
    assertEquals(1, buffer.indexOf(bytes("abab"), 0));
    assertEquals(-1, buffer.indexOf(bytes("abab"), 2));
    assertEquals(-1, buffer.indexOf(bytes("abc"), 0));
    assertEquals(0, buffer.indexOf(bytes("."), 0));
    assertTrue(buffer.startsWith(bytes("aba"), 7));
    assertFalse(buffer.startsWith(bytes("abab"), 7));
  }

  @Test
  void behaves_as_one_growing_array_whatever_the_order_of_calls() {
    var random = new Random(4711);
    byte[] model = {};
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          byte[] more = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 8)];
          random.nextBytes(more);
          buffer.append(ByteBuffer.wrap(more));
          int before = model.length;
          model = Arrays.copyOf(model, before + more.length);
          System.arraycopy(more, 0, model, before, more.length);
        }
        case 2 -> {
          int count = random.nextInt(model.length + 1);
          assertArrayEquals(Arrays.copyOf(model, count), buffer.take(count));
          model = Arrays.copyOfRange(model, count, model.length);
        }
        default -> {
          int count = random.nextInt(Math.min(model.length, 40) + 1);
          buffer.drop(count);
          model = Arrays.copyOfRange(model, count, model.length);
        }
      }
      assertEquals(model.length, buffer.size());
    }
    assertArrayEquals(model, buffer.take(buffer.size()));
  }
}

package dev.asyncio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WriteBufferTest {
  private final WriteBuffer buffer = new WriteBuffer();

  private int chunks() {
    return buffer.chunks == null ? 0 : buffer.chunks.size();
  }

  @Test
  void small_writes_share_a_chunk() {
    for (int i = 0; i < 100; i++) {
      buffer.append(ByteBuffer.wrap(new byte[40]));
    }
    assertEquals(4000, buffer.size());
    assertEquals(1, chunks());
  }

  @Test
  void many_small_writes_cost_few_chunks() {
    for (int i = 0; i < 100_000; i++) {
      buffer.append(ByteBuffer.wrap(new byte[10]));
    }
    assertEquals(1_000_000, buffer.size());
    assertTrue(chunks() < 25);
  }

  @Test
  void nothing_is_held_while_it_is_empty() {
    assertNull(buffer.chunks);
    buffer.append(ByteBuffer.wrap(new byte[10_000]));
    buffer.append(ByteBuffer.wrap(new byte[10]));
    buffer.consume(10_010);
    assertTrue(buffer.isEmpty());
    assertNull(buffer.chunks);
  }

  @Test
  void appended_data_is_consumed_and_copied() {
    byte[] data = {1, 2, 3};
    ByteBuffer given = ByteBuffer.wrap(data);
    buffer.append(given);
    assertEquals(0, given.remaining());
    data[0] = 9;
    ByteBuffer out = ByteBuffer.allocate(3);
    buffer.copyTo(out);
    assertArrayEquals(new byte[] {1, 2, 3}, out.array());
  }

  @Test
  void copying_consumes_nothing() {
    buffer.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    buffer.copyTo(ByteBuffer.allocate(2));
    assertEquals(3, buffer.size());
  }

  @Test
  void bytes_come_out_in_order_whatever_the_sizes() {
    var random = new Random(815);
    var in = new ByteArrayOutputStream();
    var out = new ByteArrayOutputStream();
    ByteBuffer window = ByteBuffer.allocate(50_000);
    for (int step = 0; step < 5_000; step++) {
      if (random.nextBoolean()) {
        byte[] data = new byte[random.nextInt(random.nextInt(20) == 0 ? 200_000 : 300)];
        random.nextBytes(data);
        in.writeBytes(data);
        buffer.append(ByteBuffer.wrap(data));
      } else {
        buffer.copyTo(window.clear());
        int taken = random.nextInt(window.flip().remaining() + 1);
        out.write(window.array(), 0, taken);
        buffer.consume(taken);
      }
    }
    while (!buffer.isEmpty()) {
      buffer.copyTo(window.clear());
      out.write(window.array(), 0, window.flip().remaining());
      buffer.consume(window.remaining());
    }
    assertArrayEquals(in.toByteArray(), out.toByteArray());
  }
}

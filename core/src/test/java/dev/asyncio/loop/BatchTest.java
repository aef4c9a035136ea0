package dev.asyncio.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** How many I/O events a turn takes on, by what they bring. */
class BatchTest {
  private static final int KIB = 1024;

  private final Batch batch = new Batch();

  private int sizeAfterReadsOf(int bytes) {
    for (int i = 0; i < 256; i++) {
      batch.received(bytes);
    }
    return batch.size();
  }

  @Test
  void sixteen_as_long_as_nothing_was_read() {
    assertEquals(16, batch.size());
    batch.received(1);
    assertEquals(16, batch.size());
  }

  @Test
  void as_many_as_bring_256_kib_but_at_least_16_and_at_most_256() {
    assertEquals(256, sizeAfterReadsOf(KIB));
    assertEquals(32, sizeAfterReadsOf(8 * KIB));
    assertEquals(16, sizeAfterReadsOf(16 * KIB));
    assertEquals(16, sizeAfterReadsOf(100 * KIB));
    assertEquals(256, sizeAfterReadsOf(1));
  }

  @Test
  void ends_of_streams_bring_nothing() {
    assertEquals(256, sizeAfterReadsOf(-1));
  }
}

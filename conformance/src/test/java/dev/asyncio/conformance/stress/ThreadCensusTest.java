package dev.asyncio.conformance.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadCensusTest {

  @Test
  void a_virtual_thread_counts_while_it_lives() throws InterruptedException {
    var census = new ThreadCensus();
    int before = census.virtualThreads();
    var begun = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              begun.countDown();
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    begun.await();
    assertEquals(before + 1, census.virtualThreads());
    end.countDown();
    thread.join();
    assertTrue(census.settledAt(before) <= before);
  }
}

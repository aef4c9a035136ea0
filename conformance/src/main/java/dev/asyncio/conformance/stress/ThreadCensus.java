package dev.asyncio.conformance.stress;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Counts the virtual threads of this JVM, by asking the JVM rather than the library. It takes a
 * dump of all threads, about a millisecond, when no virtual thread is running: JDK 25 may crash in
 * the dump of one that is just being mounted (JDK-8364343).
 */
final class ThreadCensus {

  private static final int PATIENCE = 200;
  private static final long PAUSE_MILLIS = 10;

  private final HotSpotDiagnosticMXBean hotSpot =
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  private final VirtualThreadSchedulerMXBean scheduler =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

  /** How many virtual threads are alive. */
  int virtualThreads() throws InterruptedException {
    awaitStandstill();
    int count = 0;
    for (JsonElement container : dump().getAsJsonArray()) {
      for (JsonElement thread : container.getAsJsonObject().getAsJsonArray("threads")) {
        JsonElement virtual = thread.getAsJsonObject().get("virtual");
        if (virtual != null && virtual.getAsBoolean()) {
          count++;
        }
      }
    }
    return count;
  }

  /**
   * How many virtual threads are alive once they are no more than {@code expected}, or after some
   * time: a thread whose work is done takes a moment to end.
   */
  int settledAt(int expected) throws InterruptedException {
    int count = virtualThreads();
    for (int i = 0; i < PATIENCE && count > expected; i++) {
      Thread.sleep(PAUSE_MILLIS);
      count = virtualThreads();
    }
    return count;
  }

  private void awaitStandstill() throws InterruptedException {
    for (int i = 0; i < PATIENCE && !standsStill(); i++) {
      Thread.sleep(PAUSE_MILLIS);
    }
    if (!standsStill()) {
      throw new IllegalStateException(
          "virtual threads keep running: it is too early to count them");
    }
  }

  private boolean standsStill() {
    return scheduler.getMountedVirtualThreadCount() == 0
        && scheduler.getQueuedVirtualThreadCount() == 0;
  }

  private JsonElement dump() {
    try {
      Path file = Files.createTempFile("threads", ".json");
      try {
        Files.delete(file); // it must be a new one
        hotSpot.dumpThreads(file.toString(), ThreadDumpFormat.JSON);
        return JsonParser.parseString(Files.readString(file))
            .getAsJsonObject()
            .getAsJsonObject("threadDump")
            .get("threadContainers");
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a dump of the threads", e);
    }
  }
}

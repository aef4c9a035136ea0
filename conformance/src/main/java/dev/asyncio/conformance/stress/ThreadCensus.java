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

/**
 * Counts the virtual threads of this JVM, by asking the JVM rather than the library. It takes a
 * dump of all threads, about a millisecond.
 */
final class ThreadCensus {

  private static final int PATIENCE = 200;
  private static final long PAUSE_MILLIS = 10;

  private final HotSpotDiagnosticMXBean hotSpot =
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

  /** How many virtual threads are alive. */
  int virtualThreads() {
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

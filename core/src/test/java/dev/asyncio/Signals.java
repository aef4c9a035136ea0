package dev.asyncio;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;

/** Real signals, for tests. */
final class Signals {
  private Signals() {}

  static void assumed() {
    assumeFalse(
        System.getProperty("os.name").startsWith("Windows"), "Windows has no signals to send");
  }

  /** Sends one; it may arrive later. */
  static void send(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).inheritIO().start().waitFor();
  }
}

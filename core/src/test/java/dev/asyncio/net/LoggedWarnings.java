package dev.asyncio.net;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs, kept off the console, until it is closed. */
final class LoggedWarnings extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("asyncio");
  final List<String> messages = new ArrayList<>();

  LoggedWarnings() {
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  @Override
  public void publish(LogRecord entry) {
    messages.add(entry.getMessage());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(this);
  }
}

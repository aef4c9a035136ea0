package dev.asyncio;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Catches what the library logs, and keeps it off the console, until it is closed. */
public final class AsyncioLog extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("asyncio");
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  public AsyncioLog() {
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  /** The messages so far. */
  public List<String> messages() {
    return records.stream().map(LogRecord::getMessage).toList();
  }

  /** The messages so far, with what their placeholders stand for. */
  public List<String> texts() {
    var formatter = new SimpleFormatter();
    return records.stream().map(formatter::formatMessage).toList();
  }

  /** The exceptions logged so far; null where there is none. */
  public List<Throwable> exceptions() {
    return records.stream().map(LogRecord::getThrown).toList();
  }

  @Override
  public void publish(LogRecord entry) {
    records.add(entry);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(this);
  }
}

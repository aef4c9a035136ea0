package dev.asyncio.loop;

import dev.asyncio.Handle;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel of the program's own on the selector: what is to be called when it can be read, and
 * what when it can be written. A selection key's attachment.
 */
final class OwnWatch {
  private SelectionKey key;
  private @Nullable Handle reader;
  private @Nullable Handle writer;

  OwnWatch(SelectionKey key) {
    this.key = key;
  }

  /** Goes on with another key of the channel. */
  void key(SelectionKey next) {
    key = next;
  }

  @Nullable Handle reader(@Nullable Handle next) {
    Handle before = reader;
    reader = next;
    refresh();
    return before;
  }

  @Nullable Handle writer(@Nullable Handle next) {
    Handle before = writer;
    writer = next;
    refresh();
    return before;
  }

  boolean isUsed() {
    return reader != null || writer != null;
  }

  /** Asks the selector for what is wanted now; to be called again after a connect. */
  void refresh() {
    if (key.isValid()) {
      Interest.READING.set(key, reader != null);
      Interest.WRITING.set(key, writer != null);
    }
  }

  void readyFor(int operations, Consumer<? super Handle> out) {
    if (reader != null && Interest.READING.in(operations)) {
      out.accept(reader);
    }
    if (writer != null && Interest.WRITING.in(operations)) {
      out.accept(writer);
    }
  }
}

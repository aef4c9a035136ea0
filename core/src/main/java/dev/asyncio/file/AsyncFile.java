package dev.asyncio.file;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.Coroutine;
import dev.asyncio.Lock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file with a position, whose reads and writes suspend the task and never block the loop.
 *
 * {@snippet :
 * try (AsyncFile file = await(AsyncFile.open(Path.of("access.log")))) {
 *   for (String line : file) {
 *     handle(line);
 *   }
 * }
 * }
 *
 * <p>Calls of several tasks are made one after the other, in the order of asking.
 *
 * <p><b>Cancellation:</b> a cancelled read leaves the position where it was. A cancelled write that
 * has begun is completed all the same, and the position is behind it; if it fails, the loop's
 * exception handler hears of it.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> none in CPython; after AnyIO's {@code AsyncFile}.
 */
@CheckReturnValue
public final class AsyncFile implements AutoCloseable, Iterable<String> {
  private static final int AHEAD = 64 * 1024;
  private static final byte[] NONE = {};

  private final Path path;
  private final FileChannel channel;
  private final boolean appending;
  private final Lock turn = new Lock();
  private long position;

  // Invariant: ahead[start..] are the bytes of the file from the position on.
  private byte[] ahead = NONE;
  private int start;

  private AsyncFile(Path path, FileChannel channel, boolean appending) {
    this.path = path;
    this.channel = channel;
    this.appending = appending;
  }

  /**
   * Opens a file, to be read if no option is given.
   *
   * <p><b>Cancellation:</b> a file that is opened nevertheless is closed.
   *
   * <p><b>Errors:</b> {@link java.nio.file.NoSuchFileException} and the like, as {@link
   * FileChannel#open(Path, OpenOption...)}.
   *
   * @param options such as {@link java.nio.file.StandardOpenOption#CREATE}
   */
  public static Coroutine<AsyncFile> open(Path path, OpenOption... options) {
    Set<OpenOption> wanted = Set.of(options);
    return Coroutine.of(() -> {
      var opening = new Opening(path, wanted);
      try {
        FileChannel channel = Calls.of(opening::open).await(IOException.class);
        boolean append = wanted.contains(java.nio.file.StandardOpenOption.APPEND);
        return new AsyncFile(path, channel, append);
      } catch (Throwable e) {
        opening.abandon();
        throw e;
      }
    });
  }

  /** A channel that is opened on one thread, while another may not want it any more. */
  private static final class Opening {
    private final Path path;
    private final Set<OpenOption> options;
    private @Nullable FileChannel opened; // guarded by this
    private boolean abandoned; // guarded by this

    Opening(Path path, Set<OpenOption> options) {
      this.path = path;
      this.options = options;
    }

    FileChannel open() throws IOException {
      FileChannel channel = FileChannel.open(path, options);
      synchronized (this) {
        opened = channel;
        if (abandoned) {
          channel.close();
        }
      }
      return channel;
    }

    synchronized void abandon() throws IOException {
      abandoned = true;
      if (opened != null) {
        opened.close();
      }
    }
  }

  // --- reading

  /** Reads up to {@code n} bytes; none at the end of the file. */
  public Coroutine<byte[]> read(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("cannot read " + n + " bytes; read() reads to the end");
    }
    return Coroutine.of(() -> {
      if (ahead.length > start) {
        return takeAhead(Math.min(n, ahead.length - start));
      }
      byte[] bytes = fetch(n);
      position += bytes.length;
      return bytes;
    });
  }

  /** Reads to the end of the file. */
  public Coroutine<byte[]> read() {
    return Coroutine.of(() -> {
      long from = position;
      byte[] all =
          Calls.inTurn(
              turn,
              () -> {
                var out = new ByteArrayOutputStream();
                byte[] some;
                while ((some = readAt(from + out.size(), AHEAD)).length > 0) {
                  out.write(some);
                }
                return out.toByteArray();
              });
      forgetAhead();
      position = from + all.length;
      return all;
    });
  }

  /**
   * Reads a line, with its newline; what is left at the end of the file, without one; empty when
   * nothing is left.
   */
  public Coroutine<byte[]> readLine() {
    return Coroutine.of(this::lineNow);
  }

  private byte[] lineNow() {
    int searched = start;
    while (true) {
      for (int i = searched; i < ahead.length; i++) {
        if (ahead[i] == '\n') {
          return takeAhead(i + 1 - start);
        }
      }
      int had = ahead.length - start;
      byte[] more = fetchAt(position + had, AHEAD);
      if (more.length == 0) {
        return takeAhead(had);
      }
      byte[] joined = new byte[had + more.length];
      System.arraycopy(ahead, start, joined, 0, had);
      System.arraycopy(more, 0, joined, had, more.length);
      ahead = joined;
      start = 0;
      searched = had;
    }
  }

  /** The lines from the position on, as UTF-8 without their ends. Each may suspend. */
  @Override
  public Iterator<String> iterator() {
    return new Lines();
  }

  private final class Lines implements Iterator<String> {
    private byte[] next = NONE;

    @Override
    public boolean hasNext() {
      if (next.length == 0) {
        next = lineNow();
      }
      return next.length > 0;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the file has ended: " + path);
      }
      int length = next.length;
      if (next[length - 1] == '\n') {
        length--;
        if (length > 0 && next[length - 1] == '\r') {
          length--;
        }
      }
      String line = new String(next, 0, length, StandardCharsets.UTF_8);
      next = NONE;
      return line;
    }
  }

  private byte[] takeAhead(int count) {
    byte[] taken = java.util.Arrays.copyOfRange(ahead, start, start + count);
    start += count;
    position += count;
    if (start == ahead.length) {
      forgetAhead();
    }
    return taken;
  }

  private void forgetAhead() {
    ahead = NONE;
    start = 0;
  }

  private byte[] fetch(int n) {
    return fetchAt(position, n);
  }

  private byte[] fetchAt(long from, int n) {
    return Calls.inTurn(turn, () -> readAt(from, n));
  }

  private byte[] readAt(long from, int n) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(n, Math.max(0, channel.size() - from)));
    int count = channel.read(buffer, from);
    if (count == buffer.capacity()) {
      return buffer.array();
    }
    return count <= 0 ? NONE : java.util.Arrays.copyOf(buffer.array(), count);
  }

  // --- writing

  /** Writes all of it at the position, or at the end of a file that was opened to append. */
  public Coroutine<@Nullable Void> write(byte[] bytes) {
    byte[] copy = bytes.clone(); // the thread that writes it may be late
    return Coroutine.of(() -> {
      forgetAhead();
      long at = position;
      position += copy.length; // also if this is cancelled: it is written all the same
      int _ = Calls.inTurn(turn, () -> writeAt(at, ByteBuffer.wrap(copy)));
    });
  }

  /** Writes a text as UTF-8; as {@link #write(byte[])} otherwise. */
  public Coroutine<@Nullable Void> write(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  private int writeAt(long at, ByteBuffer bytes) throws IOException {
    int total = bytes.remaining();
    while (bytes.hasRemaining()) {
      int _ = appending ? channel.write(bytes) : channel.write(bytes, at + bytes.position());
    }
    return total;
  }

  /** Has the system put what was written on the device. */
  public Coroutine<@Nullable Void> flush() {
    return Coroutine.of(() -> {
      boolean _ =
          Calls.inTurn(
              turn,
              () -> {
                channel.force(true);
                return true;
              });
    });
  }

  // --- the position and the end

  /** Where the next read or write is. */
  public long position() {
    return position;
  }

  /**
   * Sets where the next read or write is; behind the end is possible.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public void seek(long to) {
    if (to < 0) {
      throw new IllegalArgumentException("a file has no position " + to);
    }
    forgetAhead();
    position = to;
  }

  /** How many bytes the file has. */
  public Coroutine<Long> size() {
    return Coroutine.of(() -> Calls.inTurn(turn, channel::size));
  }

  /** Cuts the file off behind {@code size} bytes; the position stays. */
  public Coroutine<@Nullable Void> truncate(long size) {
    return Coroutine.of(() -> {
      forgetAhead();
      Calls.inTurn(turn, () -> channel.truncate(size));
    });
  }

  /** Closes the file, after the calls that are being made; suspends for it. */
  @Override
  public void close() {
    if (channel.isOpen()) {
      boolean _ =
          Calls.inTurn(
              turn,
              () -> {
                channel.close();
                return true;
              });
    }
  }

  @Override
  public String toString() {
    return "AsyncFile[" + path + (channel.isOpen() ? ", at " + position : ", closed") + "]";
  }
}

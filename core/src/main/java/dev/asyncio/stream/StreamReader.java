package dev.asyncio.stream;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.IncompleteReadException;
import dev.asyncio.LimitOverrunException;
import dev.asyncio.transport.ReadTransport;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A source of bytes that suspends the reading task until there are some. {@code openConnection} and
 * {@code startServer} make them; one made by hand adapts anything that calls {@link #feedData} and
 * {@link #feedEof}.
 *
 * <p>One task reads at a time. When more than twice the limit is buffered the transport is paused,
 * so that a fast peer cannot fill the memory; when at most the limit is left, or a read has to
 * wait, it goes on.
 *
 * <p>As an {@code Iterable} it gives the lines up to the end of the stream, suspending in between:
 *
 * {@snippet :
 * for (byte[] line : reader) {
 *   handle(line);
 * }
 * }
 *
 * <p><b>Cancellation:</b> a cancelled read, of any kind, takes nothing out of the stream.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.StreamReader}.
 */
public final class StreamReader implements Iterable<byte[]> {
  /** The limit that a reader has when none is given: 64 KiB. */
  public static final int DEFAULT_LIMIT = 64 * 1024;

  private static final List<byte[]> NEWLINE = List.of(new byte[] {'\n'});

  /** In place of a buffer to receive into. */
  static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

  private final int limit;
  private @Nullable ReadBuffer buffer; // null while nothing is there
  private boolean eof;
  private @Nullable Throwable exception;
  private @Nullable ReadTransport transport;

  /** Held only: a compiled loop of reads no longer has the writer that it does not use. */
  @SuppressWarnings("UnusedVariable")
  private @Nullable StreamWriter writer;

  private boolean paused;
  private @Nullable Future<@Nullable Void> waiter; // of the one task that waits for data
  private @Nullable Filling filling; // its read, if that has a buffer of its own

  /** A reader with the default limit. */
  public StreamReader() {
    this(DEFAULT_LIMIT);
  }

  /**
   * A reader with a limit of its own.
   *
   * @param limit in bytes: the longest line, and half of what is buffered before pausing
   * @throws IllegalArgumentException if the limit is not positive
   */
  public StreamReader(int limit) {
    if (limit <= 0) {
      throw new IllegalArgumentException("Limit cannot be <= 0, got " + limit);
    }
    this.limit = limit;
  }

  // --- reading

  /**
   * Reads to the end of the stream.
   *
   * <p><b>Cancellation:</b> what has arrived stays in the stream. Differs: CPython loses it.
   *
   * <p><b>Errors:</b> the exception that the connection was lost with.
   */
  @CheckReturnValue
  public Coroutine<byte[]> read() {
    return Coroutine.of(this::readAllNow);
  }

  /**
   * Reads up to {@code n} bytes, as soon as there are any. An empty result means the end of the
   * stream.
   *
   * <p><b>Order and cost:</b> does not suspend while something is buffered. With {@code n} 0 the
   * result is empty at once, with a negative {@code n} this is {@link #read()}.
   *
   * <p><b>Errors:</b> the exception that the connection was lost with; {@link
   * IllegalStateException} if another task waits for data of this reader.
   */
  @CheckReturnValue
  public Coroutine<byte[]> read(int n) {
    return new Reading(n);
  }

  /** One object, as it is held for as long as a connection is silent. */
  private final class Reading extends Coroutine<byte[]> {
    private final int most;

    Reading(int most) {
      this.most = most;
    }

    @Override
    protected byte[] run() {
      return readNow(most);
    }
  }

  /**
   * Reads into a buffer of the caller's own, from its position to its limit at most, as soon as
   * there are any bytes, and moves the position behind them. Gives their number, or -1 at the end
   * of the stream.
   *
   * <p>Use this for many messages or large ones: {@link #read(int)} makes an array of each, this
   * none. What arrives while it waits goes from the socket straight into the buffer, if that is a
   * direct one; those are costly to make, so not for connections that end soon. Until the read has
   * ended the buffer is the reader's: leave it alone.
   *
   * {@snippet :
   * var buffer = ByteBuffer.allocateDirect(64 * 1024);
   * while (await(reader.read(buffer.clear())) > 0) {
   *   writer.write(buffer.flip());
   *   await(writer.drain());
   * }
   * }
   *
   * <p><b>Order and cost:</b> does not suspend while something is buffered, nor without room, where
   * it gives 0.
   *
   * <p><b>Cancellation:</b> moves the position back and takes nothing out of the stream; bytes of
   * the buffer behind its position may have changed.
   *
   * <p><b>Errors:</b> as {@link #read(int)}; {@link ReadOnlyBufferException}.
   */
  @CheckReturnValue
  public Coroutine<Integer> read(ByteBuffer into) {
    return new Filling(into);
  }

  /** A read into a buffer of the caller's own, which what arrives goes into while it waits. */
  private final class Filling extends Coroutine<Integer> {
    private final ByteBuffer into;
    private int received; // since it waits

    Filling(ByteBuffer into) {
      this.into = Objects.requireNonNull(into, "into");
    }

    @Override
    protected Integer run() {
      if (into.isReadOnly()) {
        throw new ReadOnlyBufferException();
      }
      throwIfBroken();
      if (!into.hasRemaining()) {
        return 0;
      }
      while (buffer == null && !eof) {
        awaitBytes();
        if (received > 0) {
          return received;
        }
      }
      return buffer == null ? -1 : takeInto(into);
    }

    private void awaitBytes() {
      int start = into.position();
      try {
        waitForData("read", this);
      } catch (Throwable exc) {
        into.position(start);
        giveBack(into.slice(start, received));
        throw exc;
      }
    }

    void receive(ByteBuffer data) {
      int count = Math.min(into.remaining(), data.remaining());
      into.put(into.position(), data, data.position(), count);
      into.position(into.position() + count);
      data.position(data.position() + count);
      received += count;
    }
  }

  /**
   * Reads exactly {@code n} bytes, suspending until they are all there. The limit does not apply.
   *
   * <p><b>Errors:</b> {@link IncompleteReadException} with what there was, if the stream ends
   * before; otherwise as {@link #read(int)}; {@link IllegalArgumentException} for a negative {@code
   * n}.
   */
  @CheckReturnValue
  public Coroutine<byte[]> readExactly(int n) {
    return Coroutine.of(() -> readExactlyNow(n));
  }

  /**
   * Reads a line, with its newline; at the end of the stream what is left, without one; empty when
   * nothing is left.
   *
   * <p><b>Errors:</b> {@link IllegalArgumentException} if the line is longer than the limit; it is
   * then discarded as far as it had arrived. Otherwise as {@link #read(int)}.
   */
  @CheckReturnValue
  public Coroutine<byte[]> readLine() {
    return Coroutine.of(this::readLineNow);
  }

  /**
   * Reads up to a separator, and including it.
   *
   * <p><b>Errors:</b> {@link IncompleteReadException} with what there was, if the stream ends
   * before; {@link LimitOverrunException} if the separator is not within the limit, with all data
   * left in place; {@link IllegalArgumentException} for an empty separator. Otherwise as {@link
   * #read(int)}.
   */
  @CheckReturnValue
  public Coroutine<byte[]> readUntil(byte[] separator) {
    return Coroutine.of(() -> readUntilNow(List.of(separator)));
  }

  /**
   * Reads up to whichever of several separators ends first, and including it. Of separators that
   * end at the same place the shortest counts.
   *
   * <p><b>Errors:</b> as {@link #readUntil(byte[])}; {@link IllegalArgumentException} without any
   * separator.
   */
  @CheckReturnValue
  public Coroutine<byte[]> readUntil(Collection<byte[]> separators) {
    return Coroutine.of(() -> readUntilNow(shortestFirst(separators)));
  }

  private static List<byte[]> shortestFirst(Collection<byte[]> separators) {
    return separators.stream().sorted(Comparator.comparingInt(s -> s.length)).toList();
  }

  /** The lines up to the end of the stream. Asking whether there is another one suspends. */
  @Override
  public Iterator<byte[]> iterator() {
    return new Lines();
  }

  private final class Lines implements Iterator<byte[]> {
    private byte[] ahead = ReadBuffer.NONE;

    @Override
    public boolean hasNext() {
      if (ahead.length == 0) {
        ahead = readLineNow();
      }
      return ahead.length > 0;
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the stream has ended");
      }
      byte[] line = ahead;
      ahead = ReadBuffer.NONE;
      return line;
    }
  }

  private byte[] readNow(int n) {
    throwIfBroken();
    if (n == 0) {
      return ReadBuffer.NONE;
    }
    if (n < 0) {
      return readAllNow();
    }
    while (buffer == null && !eof) {
      waitForData("read");
    }
    byte[] data = take(Math.min(n, buffered()));
    maybeResumeTransport();
    return data;
  }

  private byte[] readAllNow() {
    throwIfBroken();
    while (!eof) {
      waitForData("read");
    }
    byte[] data = take(buffered());
    maybeResumeTransport();
    return data;
  }

  private byte[] readExactlyNow(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("readexactly size can not be less than zero, got " + n);
    }
    throwIfBroken();
    if (n == 0) {
      return ReadBuffer.NONE;
    }
    while (buffered() < n) {
      if (eof) {
        throw new IncompleteReadException(take(buffered()), n);
      }
      waitForData("readExactly");
    }
    byte[] data = take(n);
    maybeResumeTransport();
    return data;
  }

  private byte[] readLineNow() {
    try {
      return readUntilNow(NEWLINE);
    } catch (IncompleteReadException atEnd) {
      return atEnd.partial();
    } catch (LimitOverrunException tooLong) {
      ReadBuffer line = Objects.requireNonNull(buffer);
      boolean ends = line.startsWith(NEWLINE.getFirst(), tooLong.consumed());
      drop(ends ? tooLong.consumed() + 1 : line.size());
      maybeResumeTransport();
      throw new IllegalArgumentException(
          tooLong.getMessage() + "; what had arrived of the line was discarded", tooLong);
    }
  }

  private byte[] readUntilNow(List<byte[]> separators) {
    if (separators.isEmpty()) {
      throw new IllegalArgumentException("Separator should contain at least one element");
    }
    int shortest = separators.getFirst().length;
    int longest = separators.getLast().length;
    if (shortest == 0) {
      throw new IllegalArgumentException("Separator should be at least one-byte string");
    }
    throwIfBroken();
    int searched = 0; // no separator begins before this
    while (true) {
      if (buffer != null && buffer.size() - searched >= shortest) {
        byte[] found = null;
        int foundAt = -1;
        for (byte[] separator : separators) {
          int at = buffer.indexOf(separator, searched);
          if (at >= 0 && (found == null || at + separator.length < foundAt + found.length)) {
            found = separator;
            foundAt = at;
          }
        }
        if (found != null) {
          if (foundAt > limit) {
            throw overrun("Separator is found, but chunk is longer than limit", foundAt);
          }
          byte[] chunk = take(foundAt + found.length);
          maybeResumeTransport();
          return chunk;
        }
        // The last bytes may be the beginning of a separator.
        searched = Math.max(0, buffer.size() + 1 - longest);
        if (searched > limit) {
          throw overrun("Separator is not found, and chunk exceed the limit", searched);
        }
      }
      if (eof) {
        throw new IncompleteReadException(take(buffered()));
      }
      waitForData("readUntil");
    }
  }

  private LimitOverrunException overrun(String message, int consumed) {
    return new LimitOverrunException(
        message + " of " + limit + " bytes; a larger one is set with StreamOptions.limit()",
        consumed);
  }

  private int buffered() {
    return buffer == null ? 0 : buffer.size();
  }

  private byte[] take(int count) {
    if (buffer == null) {
      return ReadBuffer.NONE;
    }
    byte[] taken = buffer.take(count);
    dropIfEmpty(buffer);
    return taken;
  }

  private int takeInto(ByteBuffer target) {
    ReadBuffer there = Objects.requireNonNull(buffer);
    int count = Math.min(target.remaining(), there.size());
    there.moveTo(target, count);
    dropIfEmpty(there);
    maybeResumeTransport();
    return count;
  }

  /** What has gone past the buffer, into that of a read which then failed. */
  private void giveBack(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      byte[] later = take(buffered());
      append(bytes);
      append(ByteBuffer.wrap(later));
    }
  }

  private void append(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      if (buffer == null) {
        buffer = new ReadBuffer();
      }
      buffer.append(bytes);
    }
  }

  private void drop(int count) {
    ReadBuffer there = Objects.requireNonNull(buffer);
    there.drop(count);
    dropIfEmpty(there);
  }

  private void dropIfEmpty(ReadBuffer there) {
    if (there.isEmpty()) {
      buffer = null;
    }
  }

  private void throwIfBroken() {
    if (exception != null) {
      throw Broken.unchecked(exception);
    }
  }

  private void waitForData(String call) {
    waitForData(call, null);
  }

  private void waitForData(String call, @Nullable Filling read) {
    if (waiter != null) {
      throw new IllegalStateException(
          call
              + "() called while another coroutine is already waiting for incoming data;"
              + " let one task read and hand on what it reads");
    }
    if (paused && transport != null) {
      paused = false; // waiting while paused would wait for ever
      transport.resumeReading();
    }
    Future<@Nullable Void> arrival = AbstractEventLoop.running().createFuture();
    waiter = arrival;
    filling = read;
    try {
      arrival.await();
    } finally {
      waiter = null;
      filling = null;
    }
  }

  /** Whether the end of the stream has come and all was read. */
  public boolean atEof() {
    return eof && buffer == null && (filling == null || filling.received == 0);
  }

  // --- feeding

  /**
   * Appends what remains in {@code data}, consuming it, and wakes the task that waits for it.
   *
   * @throws IllegalStateException after {@link #feedEof()}
   */
  public void feedData(ByteBuffer data) {
    if (eof) {
      throw new IllegalStateException("feedData() after feedEof()");
    }
    if (!data.hasRemaining()) {
      return;
    }
    if (filling != null) {
      filling.receive(data);
    }
    append(data);
    wakeUp();
    if (!paused && transport != null && buffered() > 2L * limit) {
      transport.pauseReading();
      paused = true;
    }
  }

  /** Where the next bytes shall go: into that of a read that waits with one, if there is room. */
  ByteBuffer room() {
    return filling == null ? NO_ROOM : filling.into;
  }

  /** So many bytes were put into the {@link #room}, and its position was moved behind them. */
  void filled(int count) {
    if (filling != null) {
      filling.received += count;
      wakeUp();
    }
  }

  /** As {@link #feedData(ByteBuffer)}, with a copy of an array. */
  public void feedData(byte[] data) {
    feedData(ByteBuffer.wrap(data));
  }

  /** Marks the end of the stream and wakes the task that waits. */
  public void feedEof() {
    eof = true;
    wakeUp();
  }

  /** The exception that every read will throw, or {@code null}. */
  public @Nullable Throwable exception() {
    return exception;
  }

  /** Makes every read throw {@code exc} from now on, one that waits included. */
  public void setException(Throwable exc) {
    exception = exc;
    if (waiter != null && !waiter.done()) {
      waiter.setException(exc);
    }
  }

  /**
   * Attaches the transport that is to be paused when too much is buffered.
   *
   * @throws IllegalStateException if one is attached already
   */
  public void setTransport(ReadTransport transport) {
    if (this.transport != null) {
      throw new IllegalStateException("Transport already set: " + this.transport);
    }
    this.transport = transport;
  }

  byte[] takeUnread() {
    byte[] unread = take(buffered());
    maybeResumeTransport();
    return unread;
  }

  void replaceTransport(ReadTransport next) {
    if (paused && transport != null) {
      transport.resumeReading(); // the next one pauses it as needed
      next.pauseReading();
    }
    transport = next;
  }

  /** Keeps the other direction, and so the connection, from being dropped while this is in use. */
  void keep(StreamWriter other) {
    writer = other;
  }

  private void wakeUp() {
    if (waiter != null && !waiter.done()) {
      waiter.setResult(null);
    }
  }

  private void maybeResumeTransport() {
    if (paused && transport != null && buffered() <= limit) {
      paused = false;
      transport.resumeReading();
    }
  }

  @Override
  public String toString() {
    return "StreamReader["
        + buffered()
        + " bytes"
        + (eof ? ", eof" : "")
        + (paused ? ", paused" : "")
        + (waiter != null ? ", a task waits" : "")
        + (exception != null ? ", " + exception : "")
        + (transport != null ? ", " + transport : "")
        + "]";
  }
}

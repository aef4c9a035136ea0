package dev.asyncio.child;

import dev.asyncio.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A descriptor of a pipe, read and written on the loop's thread, watched by {@link Watcher}. */
final class NativePipe implements PipeEnd {
  private final int fd;
  private final boolean output;
  private final LoopDoor door;
  private Watcher.@Nullable Watch watch;
  private boolean closed;

  /**
   * @param output whether we write
   */
  NativePipe(int fd, boolean output, LoopDoor door) {
    this.fd = fd;
    this.output = output;
    this.door = door;
  }

  @Override
  public void open(Runnable ready, Runnable hungUp) throws IOException {
    watch =
        Watcher.SHARED.add(
            fd,
            0, // errors come all the same: that nobody reads any more what we write
            kinds -> {
              boolean broken = output && (kinds & Watcher.BROKEN) != 0;
              boolean _ = door.post(broken ? hungUp : () -> ready(ready));
            });
  }

  private void ready(Runnable tell) {
    if (output && !closed) {
      try {
        Objects.requireNonNull(watch).arm(0); // the event before took the interest in errors along
      } catch (IOException unwatched) {
        // the write that comes now says what is wrong
      }
    }
    tell.run();
  }

  @Override
  public void arm() throws IOException {
    if (!closed) {
      Objects.requireNonNull(watch).arm(output ? Watcher.WRITABLE : Watcher.READABLE);
    }
  }

  @Override
  public int transfer(ByteBuffer data) throws IOException {
    int count;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      count = output ? Libc.write(state, fd, data) : Libc.read(state, fd, data);
    }
    if (count == -Libc.EAGAIN) {
      return 0;
    }
    if (count < 0) {
      throw new IOException(Libc.text(-count));
    }
    return count == 0 && !output ? -1 : count;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (watch != null) {
        watch.remove();
      }
      Libc.close(fd);
    }
  }
}

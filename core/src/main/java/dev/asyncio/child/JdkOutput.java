package dev.asyncio.child;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A pipe to a child whose writes block: one chunk at a time is written on another thread. That the
 * child closed its end shows when something is written, or when the child ends.
 */
final class JdkOutput implements PipeEnd {
  private static final int CHUNK = 64 * 1024;

  private final Process process;
  private final OutputStream stream;
  private final LoopDoor door;
  private Runnable ready = () -> {};

  // --- loop only
  private boolean writing;
  private boolean armed;
  private boolean closed;
  private @Nullable IOException broken;

  JdkOutput(Process process, LoopDoor door) {
    this.process = process;
    this.stream = process.getOutputStream();
    this.door = door;
  }

  @Override
  public void open(Runnable onReady, Runnable hungUp) {
    ready = onReady;
    process
        .onExit()
        .thenRun(() -> {
          boolean _ = door.post(hungUp);
        });
  }

  @Override
  public void arm() {
    armed = true;
    if (!writing) {
      boolean _ = door.post(this::tell);
    }
  }

  private void tell() {
    if (armed && !closed) {
      armed = false;
      ready.run();
    }
  }

  @Override
  public int transfer(ByteBuffer data) throws IOException {
    if (broken != null) {
      throw broken;
    }
    if (writing || closed) {
      return 0;
    }
    byte[] chunk = new byte[Math.min(data.remaining(), CHUNK)];
    data.get(chunk);
    writing = true;
    BlockingCalls.start(() -> write(chunk));
    return chunk.length;
  }

  private void write(byte[] chunk) {
    IOException failed = null;
    try {
      stream.write(chunk);
      stream.flush();
    } catch (IOException e) {
      failed = e;
    }
    IOException error = failed;
    boolean _ =
        door.post(() -> {
          writing = false;
          broken = error;
          if (closed) {
            closeLater();
          } else if (error != null) {
            armed = true; // whoever writes next has to hear of it
          }
          tell();
        });
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (!writing) {
        closeLater();
      }
    }
  }

  private void closeLater() {
    BlockingCalls.start(() -> closeQuietly(stream));
  }

  static void closeQuietly(Closeable stream) {
    try {
      stream.close();
    } catch (IOException ignored) {
      // the descriptor is released all the same
    }
  }
}

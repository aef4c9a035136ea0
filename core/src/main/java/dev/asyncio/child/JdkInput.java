package dev.asyncio.child;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A pipe from a child whose reads block: each is made on another thread when it is asked for, and
 * fetched by the loop afterwards.
 */
final class JdkInput implements PipeEnd {
  private static final int CHUNK = 64 * 1024;

  private final InputStream stream;
  private final LoopDoor door;
  private @Nullable Runnable ready;

  // --- loop only
  private boolean reading;
  private boolean closed;
  private byte[] data = {};
  private int start;
  private int end; // -1 when the stream has ended
  private @Nullable IOException broken;

  JdkInput(InputStream stream, LoopDoor door) {
    this.stream = stream;
    this.door = door;
  }

  @Override
  public void open(Runnable onReady, Runnable hungUp) {
    ready = onReady;
  }

  @Override
  public void arm() {
    if (reading || closed) {
      return;
    }
    reading = true;
    if (start < end || end < 0 || broken != null) {
      boolean _ = door.post(this::fetched); // there is something left
    } else {
      byte[] into = data.length == 0 ? new byte[CHUNK] : data;
      BlockingCalls.start(() -> read(into));
    }
  }

  private void read(byte[] into) {
    int count = 0;
    IOException failed = null;
    try {
      count = stream.read(into);
    } catch (IOException e) {
      failed = e;
    }
    int got = count;
    IOException error = failed;
    boolean _ =
        door.post(() -> {
          data = into;
          start = 0;
          end = got;
          broken = error;
          fetched();
        });
  }

  private void fetched() {
    reading = false;
    if (ready != null) {
      ready.run();
    }
  }

  @Override
  public int transfer(ByteBuffer into) throws IOException {
    if (broken != null) {
      throw broken;
    }
    if (reading || closed) {
      return 0;
    }
    if (end < 0) {
      return -1;
    }
    int count = Math.min(end - start, into.remaining());
    into.put(data, start, count);
    start += count;
    return count;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      data = new byte[0];
      // Not here: closing may wait for the read that goes on.
      BlockingCalls.start(() -> JdkOutput.closeQuietly(stream));
    }
  }
}

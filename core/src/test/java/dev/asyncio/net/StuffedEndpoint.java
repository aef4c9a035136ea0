package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/** A datagram transport over a socket that is full, and ready, when the test says so. */
final class StuffedEndpoint implements IoLoop, AutoCloseable {
  final FullDatagramChannel channel = new FullDatagramChannel();
  final DatagramRecorder protocol;
  final DatagramSocketTransport transport;
  boolean watchesWriting;
  private @Nullable Runnable onWritable;

  StuffedEndpoint(DatagramRecorder protocol) throws IOException {
    this.protocol = protocol;
    transport = new DatagramSocketTransport(this, channel, null, protocol);
    Future<@Nullable Void> made = loop().createFuture();
    transport.beginSoon(made);
    made.await();
  }

  /** Plays the poller: the socket takes so many datagrams, which is noticed if it is watched. */
  void becomesWritable(int room) {
    channel.room = room;
    if (watchesWriting && onWritable != null) {
      onWritable.run();
    }
  }

  @Override
  public AbstractEventLoop loop() {
    return Asyncio.runningLoop();
  }

  @Override
  public Registration register(SelectableChannel watched, Runnable onReadable) {
    return new ReadinessOnly() {
      @Override
      public void reading(boolean on) {}

      @Override
      public void writing(@Nullable Runnable callback) {
        onWritable = callback == null ? onWritable : callback;
        watchesWriting = callback != null;
      }

      @Override
      public void close() {
        watchesWriting = false;
      }
    };
  }

  @Override
  public ByteBuffer readBuffer() {
    return Loopback.io().readBuffer();
  }

  @Override
  public ByteBuffer sendBuffer() {
    return Loopback.io().sendBuffer();
  }

  @Override
  public void checkCaller(String call) {}

  @Override
  public void close() {
    transport.abort();
    protocol.lost().await();
  }
}

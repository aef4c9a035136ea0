package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;

/** The loop's side, noting the channels that are watched through it. */
final class NotingIo implements IoLoop {
  final IoLoop real = Loopback.io();
  final List<SelectableChannel> channels = new ArrayList<>();

  @Override
  public AbstractEventLoop loop() {
    return real.loop();
  }

  @Override
  public Registration register(SelectableChannel channel, Runnable onReadable) throws IOException {
    channels.add(channel);
    return real.register(channel, onReadable);
  }

  @Override
  public ByteBuffer readBuffer() {
    return real.readBuffer();
  }

  @Override
  public ByteBuffer sendBuffer() {
    return real.sendBuffer();
  }

  @Override
  public void checkCaller(String call) {
    real.checkCaller(call);
  }
}

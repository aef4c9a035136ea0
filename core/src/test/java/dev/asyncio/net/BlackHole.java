package dev.asyncio.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** An address whose connects neither succeed nor fail: a listener whose queue is full. */
final class BlackHole implements AutoCloseable {
  private final ServerSocket listener;
  private final List<SocketChannel> queue = new ArrayList<>();

  BlackHole() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.3"));
    boolean full = false;
    while (!full) {
      SocketChannel filler = SocketChannel.open();
      filler.configureBlocking(false);
      queue.add(filler);
      filler.connect(address());
      full = !filler.finishConnect() && !answersSoon(filler);
    }
  }

  /** On this machine an answer, if there is one, is there before the next few calls. */
  private static boolean answersSoon(SocketChannel filler) throws IOException {
    for (int i = 0; i < 1000; i++) {
      if (filler.finishConnect()) {
        return true;
      }
    }
    return false;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel filler : queue) {
      filler.close();
    }
    listener.close();
  }
}

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/**
 * The echo server on a plain {@link Selector} with callbacks, one thread: the most that the JDK's
 * own I/O does.
 *
 * <p>With {@code arrays} every message becomes an array of its own, and those of all channels that
 * are ready are read before the first is written: what a server does at least that gives messages
 * to coroutines.
 *
 * <p>Arguments: maybe {@code arrays}, then the port on 127.0.0.1, 0 for any. Says {@code listening
 * on PORT} when it is up.
 */
public final class NioEcho {
  private static final int BUFFER = 256 * 1024;
  private static final ByteBuffer SHARED = ByteBuffer.allocateDirect(BUFFER);
  private static final ArrayDeque<Runnable> REPLIES = new ArrayDeque<>();

  private final Selector selector;
  private final ServerSocketChannel listener;

  private final boolean arrays;

  private NioEcho(int port, boolean arrays) throws IOException {
    this.arrays = arrays;
    selector = Selector.open();
    listener = ServerSocketChannel.open();
    listener.configureBlocking(false);
    listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    listener.bind(new InetSocketAddress("127.0.0.1", port), 4096);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    System.out.println(
        "listening on " + ((InetSocketAddress) listener.getLocalAddress()).getPort());
  }

  /** Serves until the process is ended. */
  public static void main(String[] args) throws IOException {
    NioEcho server = new NioEcho(Integer.parseInt(args[args.length - 1]), args.length > 1);
    while (true) {
      server.selector.select(server::proceed);
      for (Runnable reply; (reply = REPLIES.poll()) != null; ) {
        reply.run();
      }
    }
  }

  private void proceed(SelectionKey key) {
    if (key.attachment() instanceof Peer peer) {
      peer.proceed(key);
    } else {
      acceptAll();
    }
  }

  private void acceptAll() {
    try {
      for (SocketChannel channel; (channel = listener.accept()) != null; ) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(selector, SelectionKey.OP_READ, new Peer(channel, arrays));
      }
    } catch (IOException gone) {
      // the one that was to be accepted broke off
    }
  }

  private static final class Peer {
    private final SocketChannel channel;
    private final boolean arrays;
    private ByteBuffer rest; // what is still to be written; reading waits meanwhile

    Peer(SocketChannel channel, boolean arrays) {
      this.channel = channel;
      this.arrays = arrays;
    }

    void proceed(SelectionKey key) {
      try {
        if (rest != null) {
          writeRest(key);
        } else {
          echo(key);
        }
      } catch (IOException gone) {
        close();
      }
    }

    private void echo(SelectionKey key) throws IOException {
      if (channel.read(SHARED.clear()) < 0) {
        channel.close();
        return;
      }
      SHARED.flip();
      if (arrays) {
        byte[] message = new byte[SHARED.remaining()];
        SHARED.get(message);
        REPLIES.add(() -> reply(message, key));
      } else {
        write(key);
      }
    }

    private void reply(byte[] message, SelectionKey key) {
      try {
        SHARED.clear().put(message).flip();
        write(key);
      } catch (IOException gone) {
        close();
      }
    }

    private void write(SelectionKey key) throws IOException {
      channel.write(SHARED);
      if (SHARED.hasRemaining()) {
        rest = ByteBuffer.allocateDirect(SHARED.remaining()).put(SHARED).flip();
        key.interestOps(SelectionKey.OP_WRITE);
      }
    }

    private void writeRest(SelectionKey key) throws IOException {
      channel.write(rest);
      if (!rest.hasRemaining()) {
        rest = null;
        key.interestOps(SelectionKey.OP_READ);
      }
    }

    private void close() {
      try {
        channel.close();
      } catch (IOException ignored) {
        // it is broken already
      }
    }
  }
}

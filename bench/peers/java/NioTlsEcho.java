import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.KeyStore;
import java.security.Provider;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * The TLS echo server on a plain {@link Selector}, one thread: what an {@link SSLEngine} and the
 * JDK's own I/O do at least. It computes its handshakes on that thread.
 *
 * <p>Arguments: a file with the server's key, whose password is {@code changeit}, then the port on
 * 127.0.0.1, 0 for any. Says {@code listening on PORT} when it is up. {@code -Dprovider=CLASS}
 * takes TLS from another provider than the JDK's.
 */
public final class NioTlsEcho {
  private static final int BUFFER = 512 * 1024;

  private final SSLContext context;
  private final ByteBuffer plain;
  private final ByteBuffer records; // as they come in
  private final ByteBuffer sealed; // those that go out
  private final Selector selector = Selector.open();
  private final ServerSocketChannel listener = ServerSocketChannel.open();

  private NioTlsEcho(SSLContext context, boolean direct, int port) throws IOException {
    this.context = context;
    this.plain = buffer(direct);
    this.records = buffer(direct);
    this.sealed = buffer(direct);
    listener.configureBlocking(false);
    listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    listener.bind(new InetSocketAddress("127.0.0.1", port), 4096);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    System.out.println(
        "listening on " + ((InetSocketAddress) listener.getLocalAddress()).getPort());
  }

  /** On the heap for the JDK's engine, whose ciphers work on arrays; direct for native ones. */
  private static ByteBuffer buffer(boolean direct) {
    return direct ? ByteBuffer.allocateDirect(BUFFER) : ByteBuffer.allocate(BUFFER);
  }

  /** Serves until the process is ended. */
  public static void main(String[] args) throws Exception {
    char[] password = "changeit".toCharArray();
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(new File(args[0]), password), password);
    String provider = System.getProperty("provider");
    SSLContext context =
        provider == null
            ? SSLContext.getInstance("TLS")
            : SSLContext.getInstance(
                "TLS", (Provider) Class.forName(provider).getConstructor().newInstance());
    context.init(keys.getKeyManagers(), null, null);
    var server = new NioTlsEcho(context, provider != null, Integer.parseInt(args[1]));
    while (true) {
      server.selector.select(server::proceed);
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
        channel.register(selector, SelectionKey.OP_READ, new Peer(channel));
      }
    } catch (IOException gone) {
      // the one that was to be accepted broke off
    }
  }

  private final class Peer {
    private final SocketChannel channel;
    private final SSLEngine engine = context.createSSLEngine();
    private ByteBuffer part; // of a record, whose rest is still to come
    private ByteBuffer unsent; // what is still to be written; reading waits meanwhile

    Peer(SocketChannel channel) throws IOException {
      this.channel = channel;
      engine.setUseClientMode(false);
      engine.beginHandshake();
    }

    void proceed(SelectionKey key) {
      try {
        if (unsent != null) {
          sendRest(key);
        } else {
          echo(key);
        }
      } catch (IOException gone) {
        close();
      }
    }

    private void echo(SelectionKey key) throws IOException {
      records.clear();
      if (part != null) {
        records.put(part);
        part = null;
      }
      if (channel.read(records) < 0) {
        close();
        return;
      }
      records.flip();
      sealed.clear();
      int before;
      do {
        before = records.remaining();
        decrypt();
        encrypt();
      } while (records.hasRemaining() && records.remaining() < before);
      if (records.hasRemaining()) {
        part = ByteBuffer.allocate(records.remaining()).put(records).flip();
      }
      send(key);
    }

    private void decrypt() throws IOException {
      plain.clear();
      SSLEngineResult result;
      do {
        result = engine.unwrap(records, plain);
        for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
          task.run();
        }
        if (result.getStatus() == Status.CLOSED) {
          throw new IOException("the peer has ended");
        }
      } while (result.getStatus() == Status.OK
          && records.hasRemaining()
          && engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP);
    }

    private void encrypt() throws IOException {
      plain.flip();
      while (plain.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        engine.wrap(plain, sealed);
      }
    }

    private void send(SelectionKey key) throws IOException {
      sealed.flip();
      if (sealed.hasRemaining()) {
        channel.write(sealed);
      }
      if (sealed.hasRemaining()) {
        unsent = ByteBuffer.allocateDirect(sealed.remaining()).put(sealed).flip();
        key.interestOps(SelectionKey.OP_WRITE);
      }
    }

    private void sendRest(SelectionKey key) throws IOException {
      channel.write(unsent);
      if (!unsent.hasRemaining()) {
        unsent = null;
        key.interestOps(SelectionKey.OP_READ);
      }
    }

    /** Native engines let go of their memory and files when both ways are closed. */
    private void close() {
      try {
        engine.closeOutbound();
        plain.clear().limit(0);
        sealed.clear();
        while (!engine.isOutboundDone() && engine.wrap(plain, sealed).bytesProduced() > 0) {
          // a goodbye
        }
        channel.write(sealed.flip());
        channel.close();
        engine.closeInbound();
      } catch (IOException gone) {
        closeChannel();
      }
    }

    private void closeChannel() {
      try {
        channel.close();
      } catch (IOException ignored) {
        // it is broken already
      }
    }
  }
}

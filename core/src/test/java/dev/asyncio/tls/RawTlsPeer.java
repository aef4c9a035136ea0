package dev.asyncio.tls;

import dev.asyncio.Action;
import dev.asyncio.Asyncio;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.net.Loopback;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A server that serves one connection with blocking sockets, in a thread of its own: whatever a
 * peer may do.
 */
final class RawTlsPeer implements AutoCloseable {
  private final ServerSocket listening;
  private final Future<@Nullable Void> served;

  private RawTlsPeer(ServerSocket listening, Future<@Nullable Void> served) {
    this.listening = listening;
    this.served = served;
  }

  /** What a peer does with its connection, which is closed afterwards. */
  interface Service {
    void serve(Socket socket) throws IOException;
  }

  /** The same below TLS and above it. */
  interface TlsService {
    void serve(Socket socket, SSLSocket tls) throws IOException;
  }

  /** A peer that need not speak TLS. */
  static RawTlsPeer plain(Service service) throws IOException {
    var listening = new ServerSocket(0, 1, InetAddress.getByName(Loopback.HOST));
    Action action =
        () ->
            Asyncio.toThread(
                    () -> {
                      try (Socket socket = listening.accept()) {
                        service.serve(socket);
                      }
                      return null;
                    })
                .await();
    return new RawTlsPeer(listening, Asyncio.createTask(Coroutine.of(action)));
  }

  /** A peer that has done the handshake. */
  static RawTlsPeer tls(SSLContext context, TlsService service) throws IOException {
    return plain(socket -> {
      var tls =
          (SSLSocket) context.getSocketFactory().createSocket(socket, Loopback.HOST, 1, false);
      tls.setUseClientMode(false);
      tls.startHandshake();
      service.serve(socket, tls);
    });
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Waits until the connection was served; throws what went wrong there. */
  void join() {
    served.await();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}

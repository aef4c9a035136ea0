package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.asyncio.Asyncio;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.Task;
import dev.asyncio.TlsOptions;
import dev.asyncio.net.Recorder;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS on connections that are not made by host and port. */
@Timeout(60)
class TlsElsewhereTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
  private static final TlsOptions CLIENT = TlsLink.clientOptions().serverHostname("localhost");

  @Test
  void a_unix_socket_speaks_tls(@TempDir Path directory) {
    run(() -> {
      Path file = directory.resolve("tls.sock");
      var served = new Recorder();
      var loop = Asyncio.runningLoop();
      var options = ServerOptions.defaults().ssl(TlsLink.serverOptions());
      Server server = loop.createUnixServer(() -> served, file, options).await();
      try {
        var connect = ConnectOptions.defaults().ssl(CLIENT);
        var connected = loop.createUnixConnection(Recorder::new, file, connect).await();
        assertNotNull(connected.transport().getExtraInfo("cipher"));
        connected.transport().write(ByteBuffer.wrap(HELLO));
        until(() -> served.received().length == HELLO.length);
        assertArrayEquals(HELLO, served.received());
        connected.transport().close();
        connected.protocol().lost().await();
      } finally {
        server.close();
      }
    });
  }

  @Test
  void a_unix_client_has_to_say_whom_it_expects(@TempDir Path directory) {
    run(() -> {
      var options = ConnectOptions.defaults().ssl(TlsLink.clientOptions());
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Asyncio.runningLoop()
                  .createUnixConnection(Recorder::new, directory.resolve("x"), options)
                  .await());
    });
  }

  @Test
  void a_connection_that_was_accepted_elsewhere_speaks_tls() {
    run(() -> {
      var loop = Asyncio.runningLoop();
      try (var listening = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
        var address = (InetSocketAddress) listening.getLocalAddress();
        Task<Connected<Transport, Recorder>> connecting =
            Asyncio.createTask(
                loop.createConnection(
                    Recorder::new,
                    address.getHostString(),
                    address.getPort(),
                    ConnectOptions.defaults().ssl(CLIENT)));
        SocketChannel accepted = Asyncio.await(Asyncio.toThread(listening::accept));
        var served =
            loop.connectAcceptedSocket(Recorder::new, accepted, TlsLink.serverOptions()).await();
        connecting.await().transport().write(ByteBuffer.wrap(HELLO));
        until(() -> served.protocol().received().length == HELLO.length);
        connecting.await().transport().close();
        served.protocol().lost().await();
      }
    });
  }
}

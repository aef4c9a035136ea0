package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.Task;
import dev.asyncio.stream.ClientConnected;
import dev.asyncio.stream.Connection;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.TransportSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Peers that break, dawdle or come in masses: what was received is what was sent, as far as it
 * goes, or else there is an error with a name; and nothing is left behind.
 *
 * <p>Sizes are small for every build; {@code -Dasyncio.test.reset.stride=1} resets at every byte,
 * {@code -Dasyncio.test.connections=100000} connects that often.
 */
@Timeout(600)
class FaultsTest {
  private static final int EXCHANGE = 64 * 1024;
  private static final int STRIDE = Integer.getInteger("asyncio.test.reset.stride", 2048);
  private static final int CONNECTIONS = Integer.getInteger("asyncio.test.connections", 2000);

  private static final byte[] DATA = noise(EXCHANGE);

  private static byte[] noise(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  /** What became of one connection. */
  private static final class Fate {
    private final CRC32 checksum = new CRC32();
    private int received;
    private @Nullable Throwable error;

    void received(byte[] data) {
      checksum.update(data);
      received += data.length;
    }

    /** All of what was received is the beginning of what was sent. */
    void check(int sent) {
      assertTrue(received <= sent, received + " of " + sent);
      var expected = new CRC32();
      expected.update(DATA, 0, received);
      assertEquals(expected.getValue(), checksum.getValue(), received + " bytes");
    }
  }

  /** Sends back what comes, and notes what became of it. */
  private static ClientConnected echo(Fate fate) {
    return (reader, writer) -> {
      try {
        byte[] data;
        while ((data = reader.read(10_000).await()).length > 0) {
          fate.received(data);
          writer.write(data);
          writer.drain().await();
        }
        writer.close();
        writer.waitClosed().await();
      } catch (Exception exc) { // which kind is asked later
        fate.error = exc;
        writer.close();
      }
    };
  }

  /** Offsets from none to all, among them the ends. */
  private static int[] offsets() {
    return IntStream.concat(
            IntStream.iterate(0, at -> at < EXCHANGE, at -> at + STRIDE),
            IntStream.of(1, EXCHANGE - 1, EXCHANGE))
        .sorted()
        .distinct()
        .toArray();
  }

  // ---- resets

  @Test
  void a_client_that_resets_at_any_byte_is_a_named_error_of_its_handler_alone() {
    run(() -> {
      var reports = reports();
      for (int offset : offsets()) {
        var fate = new Fate();
        Server server = Asyncio.startServer(echo(fate), HOST, 0).await();
        RawPeer peer = RawPeer.connectTo(server);
        peer.socket().getOutputStream().write(DATA, 0, offset);
        int read = offset / 3; // some of the echo is under way, some waits, some was taken
        assertArrayEquals(Arrays.copyOf(DATA, read), peer.receive(read).await());
        peer.reset();
        server.close();
        server.waitClosed().await();
        fate.check(offset);
        assertTrue(fate.received >= read);
        assertInstanceOf(IOException.class, fate.error, "at " + offset);
      }
      assertEquals(List.of(), reports);
    });
  }

  @Test
  void a_server_that_resets_at_any_byte_is_a_named_error_of_its_client() {
    run(() -> {
      var reports = reports();
      try (var listening = new ServerSocket(0, 5, InetAddress.getByName(HOST))) {
        for (int offset : offsets()) {
          var fate = new Fate();
          Connection connection = Asyncio.openConnection(HOST, listening.getLocalPort()).await();
          Socket accepted = listening.accept();
          Task<?> sending =
              start(() -> {
                connection.writer().write(DATA);
                connection.writer().drain().await();
              });
          accepted.getOutputStream().write(DATA, 0, offset);
          Task<?> receiving =
              start(() -> {
                byte[] data;
                while ((data = connection.reader().read(10_000).await()).length > 0) {
                  fate.received(data);
                }
              });
          Asyncio.toThread(() -> accepted.getInputStream().readNBytes(offset)).await();
          accepted.setSoLinger(true, 0);
          accepted.close();
          fate.error = errorOf(receiving);
          assertInstanceOf(IOException.class, fate.error, "at " + offset);
          fate.check(offset);
          errorOf(sending);
          connection.close();
        }
      }
      assertEquals(List.of(), reports);
    });
  }

  private static @Nullable Throwable errorOf(Task<?> task) {
    try {
      task.await();
      return null;
    } catch (Exception exc) {
      return exc;
    }
  }

  // ---- slow ones

  @Test
  void a_peer_that_reads_and_writes_in_crumbs_gets_every_byte_back() {
    run(() -> {
      var fate = new Fate();
      var reports = reports();
      Server server = Asyncio.startServer(echo(fate), HOST, 0).await();
      RawPeer peer = RawPeer.connectTo(server);
      peer.socket().setTcpNoDelay(true);
      var writing =
          Asyncio.toThread(() -> {
            for (int at = 0; at < EXCHANGE; at += 97) {
              peer.socket().getOutputStream().write(DATA, at, Math.min(97, EXCHANGE - at));
            }
            peer.socket().shutdownOutput();
            return null;
          });
      Task<byte[]> reading =
          Asyncio.createTask(
              Asyncio.toThread(() -> {
                byte[] all = new byte[EXCHANGE];
                int at = 0;
                int count;
                while (at < EXCHANGE
                    && (count =
                            peer.socket()
                                .getInputStream()
                                .read(all, at, Math.min(89, EXCHANGE - at)))
                        > 0) {
                  at += count;
                }
                return all;
              }));
      writing.await();
      assertArrayEquals(DATA, reading.await());
      peer.close();
      server.close();
      server.waitClosed().await();
      assertEquals(EXCHANGE, fate.received);
      fate.check(EXCHANGE);
      assertEquals(List.of(), reports);
    });
  }

  @Test
  void a_peer_that_does_not_read_stops_its_handler_and_holds_little_memory() {
    run(() -> {
      var fate = new Fate();
      var most = new long[1];
      int many = 100;
      Server server =
          Asyncio.startServer(
                  (reader, writer) -> {
                    for (int i = 0; i < many; i++) {
                      writer.write(DATA);
                      most[0] = Math.max(most[0], writer.transport().getWriteBufferSize());
                      writer.drain().await();
                    }
                    writer.close();
                  },
                  HOST,
                  0)
              .await();
      RawPeer peer = RawPeer.connectTo(server);
      for (int i = 0; i < many; i++) {
        byte[] data = peer.receive(EXCHANGE).await();
        assertArrayEquals(DATA, data);
      }
      assertEquals(0, peer.receiveAll().await().length);
      peer.close();
      server.close();
      server.waitClosed().await();
      assertTrue(most[0] <= 2 * EXCHANGE, most[0] + " bytes were buffered");
      fate.check(0);
    });
  }

  // ---- half-open ones

  @Test
  void half_open_peers_are_probed_if_asked_for() {
    run(() -> {
      var accepted = Asyncio.runningLoop().<StreamWriter>createFuture();
      Server server =
          Asyncio.startServer(
                  (_, writer) -> accepted.setResult(writer),
                  List.of(HOST),
                  0,
                  ServerOptions.defaults().keepAlive(true),
                  StreamOptions.defaults())
              .await();
      try (Connection connection = Asyncio.openConnection(HOST, port(server)).await()) {
        StreamWriter writer = accepted.await();
        var socket = Objects.requireNonNull(writer.getExtraInfo("socket", TransportSocket.class));
        assertTrue(socket.getSockOpt(StandardSocketOptions.SO_KEEPALIVE));
        writer.close();
      }
      server.close();
      server.waitClosed().await();
    });
  }

  // ---- masses

  @Test
  void connecting_and_closing_over_and_over_leaves_nothing_behind() {
    run(() -> {
      var reports = reports();
      Server server = Asyncio.startServer(echo(new Fate()), HOST, 0).await();
      var address = new InetSocketAddress(HOST, port(server));
      exchange(address, CONNECTIONS / 10);
      long descriptors = descriptors();
      long heap = heap();
      exchange(address, CONNECTIONS);
      assertEquals(descriptors, descriptors());
      long grown = heap() - heap;
      assertTrue(grown < 1_000_000 + 8L * CONNECTIONS, grown + " bytes of heap");
      server.close();
      server.waitClosed().await();
      assertEquals(List.of(), reports);
    });
  }

  private static void exchange(InetSocketAddress address, int times) {
    for (int i = 0; i < times; i++) {
      int from = i % (EXCHANGE - 1000);
      byte[] data = Arrays.copyOfRange(DATA, from, from + 1000);
      try (Connection connection =
          Asyncio.openConnection(address.getHostString(), address.getPort()).await()) {
        connection.writer().write(data);
        assertArrayEquals(data, connection.reader().readExactly(data.length).await());
        connection.close();
        connection.writer().waitClosed().await();
      }
    }
  }

  private static long descriptors() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(folder), "only Linux lists open descriptors");
    long before = -1;
    while (true) { // the server's ends are closed a little later than the client's
      Loopback.ticks(20);
      long now;
      try (var files = Files.list(folder)) {
        now = files.count();
      }
      if (now == before) {
        return now;
      }
      before = now;
    }
  }

  private static long heap() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}

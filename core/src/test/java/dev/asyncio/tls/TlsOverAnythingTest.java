package dev.asyncio.tls;

import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.Task;
import dev.asyncio.TlsEofException;
import dev.asyncio.TlsOptions;
import dev.asyncio.net.Recorder;
import dev.asyncio.transport.Transport;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS over transports without a socket, however they cut the stream into pieces, and break it. */
@Timeout(120)
class TlsOverAnythingTest {
  private static final TlsOptions CLIENT = Asyncio.tls().serverHostname("localhost");

  private static byte[] noise(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  /** Both ends of a wire, under TLS. */
  private static final class Ends {
    final Recorder client = new Recorder();
    final Recorder server = new Recorder();
    final Wire wire;
    final Task<Transport> clientTls;
    final Task<Transport> serverTls;

    Ends(IntSupplier pieces, String version) {
      var loop = Asyncio.runningLoop();
      wire = Wire.pair(pieces);
      wire.connect(client);
      wire.other().connect(server);
      TlsOptions options = CLIENT.parameters(p -> p.setProtocols(new String[] {version}));
      clientTls =
          Asyncio.createTask(loop.startTls(wire, client, Identity.LOCALHOST.trusted(), options));
      serverTls =
          Asyncio.createTask(
              loop.startTls(
                  wire.other(),
                  server,
                  Identity.LOCALHOST.trusting(),
                  Asyncio.tls().serverSide(true)));
    }

    /** Sends something from the client to the server, answers it, and ends. */
    void exchange(byte[] data) {
      Transport from = clientTls.await();
      Transport back = serverTls.await();
      from.write(ByteBuffer.wrap(data));
      until(() -> server.received().length == data.length || server.lost().done());
      back.write(ByteBuffer.wrap(data));
      until(() -> client.received().length == data.length || client.lost().done());
      from.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 1000, 16_408, 40_000})
  void records_may_come_in_pieces_of_any_size(int size) {
    byte[] data = noise(size < 10 ? 20_000 : 200_000);
    run(() -> {
      for (String version : List.of("TLSv1.2", "TLSv1.3")) {
        Ends ends = new Ends(() -> size, version);
        ends.exchange(data);
        assertNull(ends.client.lost().await());
        assertNull(ends.server.lost().await());
        assertArrayEquals(data, ends.client.received());
        assertArrayEquals(data, ends.server.received());
      }
    });
  }

  @Test
  void records_may_come_in_pieces_of_many_sizes() {
    Random random = new Random(7);
    byte[] data = noise(100_000);
    run(() -> {
      for (int i = 0; i < 10; i++) {
        Ends ends = new Ends(() -> 1 + random.nextInt(1 << random.nextInt(18)), "TLSv1.3");
        ends.exchange(data);
        assertNull(ends.client.lost().await());
        assertNull(ends.server.lost().await());
        assertArrayEquals(data, ends.client.received());
        assertArrayEquals(data, ends.server.received());
      }
    });
  }

  /** How many bytes the server sends in all. */
  private static int lengthOf(byte[] data, String version) {
    Future<Integer> length = Asyncio.runningLoop().createFuture();
    Coroutine.of(
            () -> {
              Ends ends = new Ends(() -> 10_000, version);
              ends.exchange(data);
              ends.client.lost().await();
              length.setResult(ends.wire.other().delivered());
            })
        .await();
    return length.result();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void wherever_a_stream_is_cut_it_is_an_error_and_what_came_before_is_right(String version) {
    byte[] data = noise(2_000);
    run(() -> {
      var reports = dev.asyncio.net.Loopback.reports();
      int length = lengthOf(data, version);
      int goodbye = 50; // at most: a cut within it is noticed as well
      for (int cut = 0; cut < length - goodbye; cut += 13) {
        Ends ends = new Ends(() -> 10_000, version);
        ends.wire.other().cutAfter(cut);
        Throwable failure = null;
        try {
          ends.exchange(data);
        } catch (Exception exc) {
          failure = exc;
        }
        Throwable lostWith = ends.client.lost().await();
        if (failure == null) {
          assertInstanceOf(TlsEofException.class, lostWith, "cut after " + cut);
        } else {
          assertTrue(
              failure instanceof SocketException || failure instanceof SSLException,
              () -> "cut: " + lostWith);
        }
        ends.server.lost().await();
        byte[] received = ends.client.received();
        for (int i = 0; i < received.length; i++) {
          assertEquals(data[i], received[i]);
        }
        ends.serverTls.cancel();
        try {
          ends.serverTls.await();
        } catch (Throwable ignored) {
          // the server's handshake fails as well, or is cancelled
        }
      }
      assertEquals(List.of(), reports);
    });
  }
}

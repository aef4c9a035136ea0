package dev.asyncio.stream;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.port;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.Task;
import dev.asyncio.tls.TlsLink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading into a buffer of the caller's own. */
@Timeout(60)
class ReadIntoBufferTest {
  private final StreamReader reader = new StreamReader();

  private void feed(String text) {
    reader.feedData(bytes(text));
  }

  private static Task<Integer> reading(StreamReader reader, ByteBuffer into) {
    Task<Integer> read = Asyncio.createTask(reader.read(into));
    ticks(1);
    return read;
  }

  private Task<Integer> reading(ByteBuffer into) {
    return reading(reader, into);
  }

  private static String textBefore(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return text(bytes);
  }

  @Test
  void it_takes_what_is_there_as_far_as_there_is_room_behind_what_is_in_it() {
    run(() -> {
      ByteBuffer into = ByteBuffer.allocate(10).put(bytes("> ")).limit(6);
      feed("hello");
      assertEquals(4, reader.read(into).await());
      assertEquals("> hell", textBefore(into));
      assertEquals(6, into.limit());
      assertEquals(1, reader.read(into.clear()).await());
      assertEquals("o", textBefore(into));
    });
  }

  @Test
  void what_arrives_before_its_next_step_goes_into_the_buffer_and_then_into_the_stream() {
    run(() -> {
      ByteBuffer into = ByteBuffer.allocateDirect(8).put((byte) '>');
      Task<Integer> read = reading(into);
      assertFalse(read.done());
      feed("abc");
      feed("defghij");
      feed("kl");
      assertEquals(7, read.await());
      assertEquals(">abcdefg", textBefore(into));
      assertEquals("hijkl", text(reader.read(100).await()));
    });
  }

  @Test
  void at_the_end_it_is_minus_one_after_what_was_left() {
    run(() -> {
      ByteBuffer into = ByteBuffer.allocate(10);
      Task<Integer> read = reading(into);
      feed("a");
      reader.feedEof();
      assertFalse(reader.atEof()); // the read has not come back with it
      assertEquals(1, read.await());
      assertTrue(reader.atEof());
      assertEquals(-1, reader.read(into).await());
      assertEquals(1, into.position());
    });
  }

  @Test
  void the_end_wakes_it() {
    run(() -> {
      Task<Integer> read = reading(ByteBuffer.allocate(10));
      reader.feedEof();
      assertEquals(-1, read.await());
    });
  }

  @Test
  void without_room_it_is_nothing_at_once() {
    run(() -> {
      assertEquals(0, reader.read(ByteBuffer.allocate(0)).await());
      reader.feedEof();
      assertEquals(0, reader.read(ByteBuffer.allocate(3).position(3)).await());
    });
  }

  @Test
  void a_buffer_that_is_read_only_is_refused_before_it_waits() {
    run(() -> {
      ByteBuffer into = ByteBuffer.allocate(10).asReadOnlyBuffer();
      assertThrows(ReadOnlyBufferException.class, () -> reader.read(into).await());
    });
  }

  @Test
  void an_exception_meets_the_read_after_the_one_that_has_bytes() {
    run(() -> {
      ByteBuffer into = ByteBuffer.allocate(10);
      Task<Integer> read = reading(into);
      feed("abc");
      reader.setException(new IOException("planned"));
      assertEquals(3, read.await());
      Task<Integer> next = reading(into);
      assertEquals("planned", assertThrows(IOException.class, next::await).getMessage());
      assertEquals("abc", textBefore(into));
    });
  }

  @Test
  void a_cancelled_one_gives_back_what_it_had_and_its_position() {
    run(() -> {
      ByteBuffer into = ByteBuffer.allocate(6).put((byte) '>');
      Task<Integer> before = reading(into); // cancelled while nothing is there
      before.cancel();
      assertThrows(CancelledError.class, before::await);

      Task<Integer> woken = reading(into); // cancelled between its data and its step
      feed("abc");
      woken.cancel();
      feed("defgh"); // more than there is room for
      feed("i");
      assertThrows(CancelledError.class, woken::await);
      assertEquals(">", textBefore(into));
      feed("jk");
      assertEquals("abcdefghijk", text(reader.readExactly(11).await()));
    });
  }

  @Test
  void a_second_read_is_refused_and_takes_nothing() {
    run(() -> {
      Task<Integer> first = reading(ByteBuffer.allocate(10));
      ByteBuffer second = ByteBuffer.allocate(10);
      assertThrows(IllegalStateException.class, () -> reader.read(second).await());
      feed("abc");
      assertEquals(3, first.await());
      assertEquals(0, second.position());
    });
  }

  @Test
  void what_arrives_while_it_waits_does_not_pass_through_the_stream() {
    run(() -> {
      for (ByteBuffer into : List.of(ByteBuffer.allocate(4), ByteBuffer.allocateDirect(4))) {
        try (StreamLink link = StreamLink.of()) {
          Task<String> read =
              Asyncio.createTask(
                  Asyncio.async(() -> {
                    assertEquals(4, link.reader().read(into).await());
                    return link.reader().toString();
                  }));
          ticks(1);
          link.peer().send("abcdefgh");
          assertTrue(read.await().contains("[0 bytes"), read.result());
          assertEquals("abcd", textBefore(into));
          assertEquals(4, link.reader().read(into.clear()).await());
          assertEquals("efgh", textBefore(into));
        }
      }
    });
  }

  @Test
  void a_cancelled_one_gives_back_what_came_from_a_socket() {
    run(() -> {
      try (StreamLink link = StreamLink.of()) {
        ByteBuffer into = ByteBuffer.allocateDirect(100);
        Task<Integer> read = reading(link.reader(), into);
        link.peer().send("abc");
        until(() -> into.position() > 0);
        read.cancel();
        assertThrows(CancelledError.class, read::await);
        assertEquals(0, into.position());
        link.peer().send("def");
        assertEquals("abcdef", text(link.reader().readExactly(6).await()));
      }
    });
  }

  @Test
  void a_broken_connection_wakes_it() {
    run(() -> {
      try (StreamLink link = StreamLink.of()) {
        Task<Integer> read = reading(link.reader(), ByteBuffer.allocateDirect(100));
        link.peer().reset();
        assertThrows(IOException.class, read::await);
      }
    });
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    var buffer = ByteBuffer.allocateDirect(50_000);
    try (writer) {
      while (reader.read(buffer.clear()).await() > 0) {
        writer.write(buffer.flip());
        writer.drain().await();
      }
    }
  }

  @Test
  void megabytes_cross_through_one_buffer_at_each_end_with_and_without_tls() {
    run(() -> {
      ServerOptions plainServer = ServerOptions.defaults();
      ConnectOptions plain = ConnectOptions.defaults();
      megabytesCross(plainServer, plain);
      megabytesCross(plainServer.ssl(TlsLink.serverOptions()), plain.ssl(TlsLink.clientOptions()));
    });
  }

  private static void megabytesCross(ServerOptions ofServer, ConnectOptions ofClient)
      throws IOException {
    Server server =
        Asyncio.startServer(
                ReadIntoBufferTest::echo, List.of(HOST), 0, ofServer, StreamOptions.defaults())
            .await();
    byte[] data = new byte[4 * 1024 * 1024];
    new Random(1).nextBytes(data);
    try (Connection client =
        Asyncio.openConnection(HOST, port(server), ofClient, StreamOptions.defaults()).await()) {
      Task<?> sending =
          Asyncio.createTask(
              Asyncio.async(() -> {
                client.writer().write(data);
                client.writer().drain().await();
              }));
      ByteBuffer received = ByteBuffer.allocate(data.length);
      while (received.hasRemaining()) {
        assertTrue(client.reader().read(received).await() > 0);
      }
      assertArrayEquals(data, received.array());
      sending.await();
    }
    server.close();
    server.closeClients();
    server.waitClosed().await();
  }
}

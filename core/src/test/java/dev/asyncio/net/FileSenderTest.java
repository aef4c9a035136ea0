package dev.asyncio.net;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.SendfileNotAvailableException;
import dev.asyncio.SendfileOptions;
import dev.asyncio.Task;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files over transports. */
@Timeout(60)
class FileSenderTest {
  private static final int MORE_THAN_THE_SYSTEM_TAKES = 16 * 1024 * 1024;

  private final byte[] data = new byte[MORE_THAN_THE_SYSTEM_TAKES];
  private Path path = Path.of("");

  @BeforeEach
  void writeFile(@TempDir Path folder) throws IOException {
    new Random(1).nextBytes(data);
    path = Files.write(folder.resolve("file"), data);
  }

  private interface Body {
    void run(Link<Recorder> link, Transport transport, FileChannel file) throws Exception;
  }

  /** A connection and a file, once of the system's and once of a kind that it does not know. */
  private void withFile(boolean known, Body body) {
    run(() -> {
      try (var link = Link.of(Recorder::new);
          var real = FileChannel.open(path);
          var file = known ? real : new ForeignFile(real)) {
        body.run(link, link.protocol().transport(), file);
      }
    });
  }

  private static Task<Long> send(Transport transport, FileChannel file, SendfileOptions options) {
    return Asyncio.createTask(Asyncio.runningLoop().sendfile(transport, file, options));
  }

  @Test
  void a_file_goes_behind_what_was_written_before_it_and_ahead_of_what_comes_after() {
    for (boolean known : new boolean[] {true, false}) {
      withFile(
          known,
          (link, transport, file) -> {
            byte[] before = Arrays.copyOf(data, 12_000_000);
            transport.write(ByteBuffer.wrap(before));
            assertTrue(transport.getWriteBufferSize() > 0);
            var part = SendfileOptions.defaults().offset(100).count(8_000_000L);
            Task<Long> sending = send(transport, file, part);
            var receiving = Asyncio.createTask(link.peer().receiveAll());
            assertEquals(8_000_000, sending.await());
            assertEquals(8_000_100, file.position());
            transport.write(ByteBuffer.wrap(bytes("end")));
            transport.close();
            byte[] got = receiving.await();
            assertEquals(20_000_003, got.length);
            assertArrayEquals(before, Arrays.copyOf(got, before.length));
            assertArrayEquals(
                Arrays.copyOfRange(data, 100, 8_000_100),
                Arrays.copyOfRange(got, before.length, before.length + 8_000_000));
            assertArrayEquals(bytes("end"), Arrays.copyOfRange(got, 20_000_000, got.length));
          });
    }
  }

  @Test
  void a_count_beyond_the_end_sends_what_there_is_and_beyond_the_file_nothing() {
    for (boolean known : new boolean[] {true, false}) {
      withFile(
          known,
          (link, transport, file) -> {
            var tail = SendfileOptions.defaults().offset(data.length - 5).count(1000L);
            assertEquals(5, send(transport, file, tail).await());
            assertEquals(0, send(transport, file, tail.offset(data.length + 1L)).await());
            assertArrayEquals(
                Arrays.copyOfRange(data, data.length - 5, data.length),
                link.peer().receive(5).await());
          });
    }
    assertEquals(
        "offset must be a non-negative integer (got -1)",
        assertThrows(IllegalArgumentException.class, () -> SendfileOptions.defaults().offset(-1))
            .getMessage());
    assertEquals(
        "count must be a positive integer (got 0)",
        assertThrows(IllegalArgumentException.class, () -> SendfileOptions.defaults().count(0L))
            .getMessage());
  }

  @Test
  void nothing_is_read_meanwhile() {
    for (boolean known : new boolean[] {true, false}) {
      withFile(
          known,
          (link, transport, file) -> {
            Task<Long> sending = send(transport, file, SendfileOptions.defaults());
            ticks(2);
            assertFalse(transport.isReading());
            link.peer().send("hello");
            ticks(5);
            assertEquals(List.of("made"), link.protocol().log());
            var receiving = Asyncio.createTask(link.peer().receive(data.length));
            assertEquals(data.length, sending.await());
            assertArrayEquals(data, receiving.await());
            assertTrue(transport.isReading());
            assertSame(link.protocol(), transport.getProtocol());
            until(() -> link.protocol().receivedText().equals("hello"));
          });
    }
  }

  @Test
  void nothing_can_be_written_meanwhile() {
    withFile(
        true,
        (link, transport, file) -> {
          Task<Long> sending = send(transport, file, SendfileOptions.defaults());
          ticks(2);
          for (Runnable write :
              List.<Runnable>of(
                  () -> transport.write(ByteBuffer.wrap(bytes("x"))),
                  () -> transport.writeLines(List.of(ByteBuffer.wrap(bytes("x")))),
                  transport::writeEof,
                  () -> send(transport, file, SendfileOptions.defaults()).await())) {
            var exc = assertThrows(IllegalStateException.class, write::run);
            assertTrue(
                exc.getMessage().startsWith("unable to write; sendfile is in progress"),
                exc.getMessage());
          }
          var receiving = Asyncio.createTask(link.peer().receive(data.length + 1));
          sending.await();
          transport.write(ByteBuffer.wrap(bytes("x")));
          assertEquals('x', receiving.await()[data.length]);
        });
  }

  @Test
  void a_cancelled_one_says_by_the_files_position_how_far_it_came() {
    for (boolean known : new boolean[] {true, false}) {
      withFile(
          known,
          (link, transport, file) -> {
            Task<Long> sending = send(transport, file, SendfileOptions.defaults());
            until(() -> isUnderWay(transport, known));
            ticks(5);
            sending.cancel();
            assertThrows(CancelledError.class, sending::await);
            int sent = (int) file.position();
            assertTrue(sent > 0 && sent < data.length, sent + " bytes");
            assertTrue(transport.isReading());
            assertSame(link.protocol(), transport.getProtocol());
            transport.write(ByteBuffer.wrap(bytes("on")));
            transport.close();
            byte[] got = link.peer().receiveAll().await();
            assertArrayEquals(Arrays.copyOf(data, sent), Arrays.copyOf(got, sent));
            assertEquals(sent + 2, got.length);
          });
    }
  }

  private static boolean isUnderWay(Transport transport, boolean known) {
    return known || transport.getWriteBufferSize() > transport.getWriteBufferLimits().high();
  }

  @Test
  void a_lost_connection_ends_it_with_an_error() {
    for (boolean known : new boolean[] {true, false}) {
      withFile(
          known,
          (link, transport, file) -> {
            Task<Long> sending = send(transport, file, SendfileOptions.defaults());
            until(() -> isUnderWay(transport, known));
            ticks(5);
            link.peer().reset();
            assertThrows(IOException.class, sending::await);
            transport.abort();
            link.protocol().lost().await();
          });
      withFile(
          known,
          (link, transport, file) -> {
            Task<Long> sending = send(transport, file, SendfileOptions.defaults());
            until(() -> isUnderWay(transport, known));
            ticks(5);
            transport.abort();
            var exc = assertThrows(IOException.class, sending::await);
            assertTrue(exc.getMessage().startsWith("Connection "), exc.getMessage());
            link.protocol().lost().await();
            assertEquals("lost", link.protocol().log().getLast());
          });
    }
  }

  @Test
  void a_paused_protocol_hears_in_the_end_what_it_missed() {
    withFile(
        false,
        (link, transport, file) -> {
          byte[] before = Arrays.copyOf(data, 12_000_000);
          transport.write(ByteBuffer.wrap(before));
          assertEquals(List.of("made", "pause"), link.protocol().log());
          var part = SendfileOptions.defaults().count(100L);
          Task<Long> sending = send(transport, file, part);
          var receiving = Asyncio.createTask(link.peer().receive(before.length + 100));
          sending.await();
          receiving.await();
          until(() -> transport.getWriteBufferSize() == 0);
          assertEquals(List.of("made", "pause", "resume"), link.protocol().log());
        });
  }

  @Test
  void where_the_system_cannot_help_it_is_said() {
    withFile(
        false,
        (link, transport, file) -> {
          var strict = SendfileOptions.defaults().fallback(false);
          var exc =
              assertThrows(
                  SendfileNotAvailableException.class, () -> send(transport, file, strict).await());
          assertTrue(
              exc.getMessage().startsWith("syscall sendfile is not available for socket"),
              exc.getMessage());
          assertTrue(transport.isReading());
          var other = fake(Transport.class);
          assertEquals(
              "fallback is disabled and native sendfile is not supported for transport fake",
              assertThrows(
                      IllegalStateException.class,
                      () -> Asyncio.runningLoop().sendfile(other, file, strict).await())
                  .getMessage());
          assertEquals(
              "sendfile is not supported for transport fake",
              assertThrows(
                      IllegalStateException.class,
                      () ->
                          Asyncio.runningLoop().sendfile(fake(WriteTransport.class), file).await())
                  .getMessage());
          transport.close();
          assertTrue(
              assertThrows(
                      IllegalStateException.class,
                      () -> send(transport, file, SendfileOptions.defaults()).await())
                  .getMessage()
                  .startsWith("Transport is closing"));
        });
  }

  private static <T> T fake(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, _) -> method.getName().equals("toString") ? "fake" : false));
  }
}

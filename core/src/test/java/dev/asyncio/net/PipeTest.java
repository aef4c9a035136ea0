package dev.asyncio.net;

import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.reports;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Task;
import dev.asyncio.stream.FlowControlProtocol;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamReaderProtocol;
import dev.asyncio.stream.StreamWriter;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Protocol;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.WriteTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transports over the ends of pipes, and over sockets used as pipes. */
@Timeout(60)
class PipeTest {
  /** Notes what it hears. */
  private static class End implements Protocol {
    final List<String> log = new ArrayList<>();
    final dev.asyncio.Future<@Nullable Throwable> lost = Asyncio.runningLoop().createFuture();

    @Override
    public void connectionMade(BaseTransport transport) {
      log.add("made");
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      log.add("data " + text(bytes));
    }

    @Override
    public boolean eofReceived() {
      log.add("eof");
      return true; // changes nothing: a pipe has no other half
    }

    @Override
    public void pauseWriting() {
      log.add("pause");
    }

    @Override
    public void resumeWriting() {
      log.add("resume");
    }

    @Override
    public void connectionLost(@Nullable Throwable exc) {
      log.add(exc == null ? "lost" : "lost with " + exc.getClass().getSimpleName());
      lost.setResult(exc);
    }
  }

  private static ReadTransport reading(ReadableByteChannel pipe, End end) {
    return Asyncio.runningLoop().connectReadPipe(() -> end, pipe).await().transport();
  }

  private static WriteTransport writing(WritableByteChannel pipe, End end) {
    return Asyncio.runningLoop().connectWritePipe(() -> end, pipe).await().transport();
  }

  private static void write(WriteTransport transport, String data) {
    transport.write(ByteBuffer.wrap(bytes(data)));
  }

  /** Writes to a pipe until it is full. */
  private static void fill(WriteTransport transport) {
    while (transport.getWriteBufferSize() == 0) {
      transport.write(ByteBuffer.allocate(65_536));
    }
  }

  @Test
  void a_pipe_between_two_transports_carries_bytes_and_the_end() {
    run(() -> {
      Pipe pipe = Pipe.open();
      End reader = new End();
      End writer = new End();
      ReadTransport source = reading(pipe.source(), reader);
      WriteTransport sink = writing(pipe.sink(), writer);
      assertSame(pipe.source(), source.getExtraInfo("pipe"));
      assertSame(pipe.sink(), sink.getExtraInfo("pipe"));
      write(sink, "hello");
      until(() -> reader.log.size() == 2);
      assertTrue(sink.canWriteEof());
      sink.writeEof();
      assertTrue(sink.isClosing());
      assertNull(writer.lost.await());
      assertNull(reader.lost.await());
      assertEquals(List.of("made", "data hello", "eof", "lost"), reader.log);
      assertEquals(List.of("made", "lost"), writer.log);
      assertFalse(pipe.source().isOpen());
      assertFalse(pipe.sink().isOpen());
    });
  }

  @Test
  void streams_work_over_pipes() {
    run(() -> {
      Pipe pipe = Pipe.open();
      var reader = new StreamReader();
      Asyncio.runningLoop()
          .connectReadPipe(() -> new StreamReaderProtocol(reader), pipe.source())
          .await();
      var made =
          Asyncio.runningLoop().connectWritePipe(FlowControlProtocol::new, pipe.sink()).await();
      var writer = new StreamWriter(made.transport(), made.protocol(), null);
      byte[] data = new byte[1_000_000];
      new Random(7).nextBytes(data);
      Task<?> sending =
          start(() -> {
            for (int at = 0; at < data.length; at += 10_000) {
              writer.write(data, at, 10_000);
              writer.drain().await();
            }
            writer.close();
            writer.waitClosed().await();
          });
      assertArrayEquals(data, reader.read().await());
      sending.await();
    });
  }

  @Test
  void a_paused_reader_leaves_the_bytes_in_the_pipe() {
    run(() -> {
      Pipe pipe = Pipe.open();
      End reader = new End();
      ReadTransport source = reading(pipe.source(), reader);
      source.pauseReading();
      source.pauseReading();
      assertFalse(source.isReading());
      pipe.sink().write(ByteBuffer.wrap(bytes("x")));
      ticks(5);
      assertEquals(List.of("made"), reader.log);
      source.resumeReading();
      until(() -> reader.log.size() == 2);
      source.close();
      source.resumeReading();
      assertFalse(source.isReading());
      reader.lost.await();
      assertEquals(List.of("made", "data x", "lost"), reader.log);
      pipe.sink().close();
    });
  }

  @Test
  void a_full_pipe_pauses_the_protocol_and_an_emptied_one_resumes_it() {
    run(() -> {
      Pipe pipe = Pipe.open();
      End writer = new End();
      WriteTransport sink = writing(pipe.sink(), writer);
      sink.setWriteBufferLimits(1000, 10);
      fill(sink);
      assertEquals(List.of("made", "pause"), writer.log);
      sink.close(); // sends the rest first
      ticks(5);
      assertFalse(writer.lost.done());
      pipe.source().configureBlocking(false);
      ByteBuffer into = ByteBuffer.allocate(65_536);
      until(() -> {
        into.clear();
        try {
          return pipe.source().read(into) < 0;
        } catch (IOException exc) {
          throw new AssertionError(exc);
        }
      });
      assertNull(writer.lost.await());
      assertEquals(List.of("made", "pause", "resume", "lost"), writer.log);
      pipe.source().close();
    });
  }

  @Test
  void abort_drops_what_a_full_pipe_did_not_take() {
    run(() -> {
      Pipe pipe = Pipe.open();
      End writer = new End();
      WriteTransport sink = writing(pipe.sink(), writer);
      fill(sink);
      sink.abort();
      sink.abort();
      assertEquals(0, sink.getWriteBufferSize());
      assertNull(writer.lost.await());
      try (var warnings = new LoggedWarnings()) {
        for (int i = 0; i < 4; i++) {
          write(sink, "dropped");
        }
        sink.writeLines(List.of(ByteBuffer.wrap(bytes("dropped"))));
        assertEquals(1, warnings.messages.size(), "from the fifth on");
        String warning = warnings.messages.getFirst();
        assertTrue(warning.startsWith("pipe closed by peer or os.write(pipe, data)"), warning);
      }
      pipe.source().close();
    });
  }

  @Test
  void a_reader_that_goes_away_breaks_a_pipe_that_has_data_to_send() {
    run(() -> {
      Pipe pipe = Pipe.open();
      End writer = new End();
      fill(writing(pipe.sink(), writer));
      pipe.source().close();
      assertInstanceOf(IOException.class, writer.lost.await());
    });
  }

  @Test
  void a_reader_that_went_away_breaks_an_idle_pipe_at_the_next_write() {
    run(() -> {
      Pipe pipe = Pipe.open();
      End writer = new End();
      WriteTransport sink = writing(pipe.sink(), writer);
      pipe.source().close();
      ticks(3);
      write(sink, "x");
      assertInstanceOf(IOException.class, writer.lost.await());
    });
  }

  @Test
  void a_socket_serves_as_either_end() {
    run(() -> {
      try (var listening = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
          var near = SocketChannel.open(listening.getLocalAddress())) {
        End reader = new End();
        End writer = new End();
        WriteTransport sink = writing(listening.accept(), writer);
        reading(near, reader);
        write(sink, "over a socket");
        until(() -> reader.log.size() == 2);
        sink.close();
        reader.lost.await();
        assertEquals(List.of("made", "data over a socket", "eof", "lost"), reader.log);
      }
    });
  }

  @Test
  void a_protocol_that_throws_is_reported_and_goes_on() {
    run(() -> {
      var reports = reports();
      Pipe pipe = Pipe.open();
      End reader =
          new End() {
            @Override
            public void dataReceived(ByteBuffer data) {
              super.dataReceived(data);
              throw new IllegalStateException("no");
            }
          };
      ReadTransport source = reading(pipe.source(), reader);
      pipe.sink().write(ByteBuffer.wrap(bytes("x")));
      until(() -> !reports.isEmpty());
      assertFalse(source.isClosing());
      pipe.sink().close();
      assertNull(reader.lost.await());
    });
  }

  @Test
  void an_end_that_is_closed_already_is_an_error() {
    run(() -> {
      Pipe pipe = Pipe.open();
      pipe.source().close();
      assertThrows(Exception.class, () -> reading(pipe.source(), new End()));
      pipe.sink().close();
    });
  }

  @Test
  void cancellation_leaves_no_descriptor() {
    run(() -> {
      watchOne();
      long before = Descriptors.open();
      for (int turns = 1; turns < 5; turns++) {
        Pipe pipe = Pipe.open();
        Task<?> task =
            start(() -> {
              writing(pipe.sink(), new End()).close();
              reading(pipe.source(), new End()).close();
            });
        ticks(turns);
        task.cancel();
        try {
          task.await();
        } catch (CancelledError expected) {
          // unless it was quicker
        }
        if (turns < 4) {
          pipe.source().close(); // not handed over yet, or closed
        }
      }
      until(() -> Descriptors.open() <= before);
    });
  }

  @Test
  void a_thousand_pipes_leave_no_descriptor() {
    run(() -> {
      watchOne();
      long before = Descriptors.open();
      for (int i = 0; i < 1000; i++) {
        watchOne();
      }
      until(() -> Descriptors.open() <= before);
    });
  }

  /** After the first one the loop has a selector, which holds descriptors of its own. */
  private static void watchOne() throws IOException {
    Pipe pipe = Pipe.open();
    End reader = new End();
    reading(pipe.source(), reader);
    writing(pipe.sink(), new End()).close();
    reader.lost.await();
  }
}

package dev.asyncio.stream;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.AbstractEventLoop;
import dev.asyncio.ConnectOptions;
import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import dev.asyncio.ServerOptions;
import dev.asyncio.StreamOptions;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.Transport;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams over what a loop can connect to and listen on; {@code Asyncio} has the short forms.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.streams}.
 */
@CheckReturnValue
public final class Streams {
  private Streams() {}

  /**
   * Connects and puts a stream on the connection.
   *
   * <p><b>Cancellation and errors:</b> those of {@code loop.createConnection}.
   */
  public static Coroutine<Connection> openConnection(
      AbstractEventLoop loop,
      @Nullable String host,
      int port,
      ConnectOptions options,
      StreamOptions streams) {
    return open(streams, factory -> loop.createConnection(factory, host, port, options));
  }

  /**
   * Listens, and runs {@code clientConnected} as a task for each connection.
   *
   * <p><b>Cancellation and errors:</b> those of {@code loop.createServer}.
   *
   * @param hosts none for all of this machine's addresses
   */
  public static Coroutine<Server> startServer(
      AbstractEventLoop loop,
      ClientConnected clientConnected,
      Collection<String> hosts,
      int port,
      ServerOptions options,
      StreamOptions streams) {
    return loop.createServer(serving(clientConnected, streams), hosts, port, options);
  }

  /** The protocols of a server that runs {@code clientConnected} as a task for each connection. */
  public static Supplier<StreamReaderProtocol> serving(
      ClientConnected clientConnected, StreamOptions streams) {
    return () -> new StreamReaderProtocol(new StreamReader(streams.limit()), clientConnected);
  }

  /**
   * Connects to a Unix socket and puts a stream on the connection.
   *
   * <p><b>Cancellation and errors:</b> those of {@code loop.createUnixConnection}.
   */
  public static Coroutine<Connection> openUnixConnection(
      AbstractEventLoop loop, @Nullable Path path, ConnectOptions options, StreamOptions streams) {
    return open(streams, factory -> loop.createUnixConnection(factory, path, options));
  }

  /**
   * Listens on a Unix socket, and runs {@code clientConnected} as a task for each connection.
   *
   * <p><b>Cancellation and errors:</b> those of {@code loop.createUnixServer}.
   */
  public static Coroutine<Server> startUnixServer(
      AbstractEventLoop loop,
      ClientConnected clientConnected,
      @Nullable Path path,
      ServerOptions options,
      StreamOptions streams) {
    return loop.createUnixServer(serving(clientConnected, streams), path, options);
  }

  private static Coroutine<Connection> open(
      StreamOptions streams,
      Function<
              Supplier<StreamReaderProtocol>, Coroutine<Connected<Transport, StreamReaderProtocol>>>
          connect) {
    return Coroutine.of(() -> {
      var reader = new StreamReader(streams.limit());
      var protocol = new StreamReaderProtocol(reader);
      Connected<Transport, StreamReaderProtocol> made = connect.apply(() -> protocol).await();
      return new Connection(reader, new StreamWriter(made.transport(), protocol, reader));
    });
  }
}

package dev.asyncio.net;

import dev.asyncio.ServerOptions;
import dev.asyncio.transport.BaseProtocol;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server with listening sockets of its own, one {@link Listener} for each. */
final class ListeningServer extends AcceptingServer {
  private final List<Listener> listeners;
  private final @Nullable SocketFile file; // to be removed at the end

  @SuppressWarnings("this-escape") // the listeners only keep it
  ListeningServer(
      IoLoop io,
      List<ServerSocketChannel> channels,
      Supplier<? extends BaseProtocol> factory,
      ServerOptions options,
      @Nullable SocketFile file) {
    super(io, factory, options, channels, () -> release(channels, file));
    this.file = file;
    this.listeners =
        channels.stream()
            .map(channel -> new Listener(io, channel, options.backlog(), this::accepted))
            .toList();
  }

  private static void release(List<ServerSocketChannel> channels, @Nullable SocketFile file) {
    channels.forEach(Channels::closeQuietly);
    if (file != null) {
      file.remove();
    }
  }

  @Override
  void open() throws IOException {
    for (Listener listener : listeners) {
      listener.start();
    }
  }

  @Override
  void shut() {
    listeners.forEach(Listener::close);
    if (file != null) {
      file.remove();
    }
  }

  @Override
  List<ServerSocketChannel> channels() {
    return listeners.stream().map(Listener::channel).toList();
  }
}

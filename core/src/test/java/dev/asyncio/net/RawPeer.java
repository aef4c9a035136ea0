package dev.asyncio.net;

import dev.asyncio.Asyncio;
import dev.asyncio.Coroutine;
import dev.asyncio.Server;
import java.io.IOException;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection: a blocking socket of the JDK, which shares no code with what is
 * tested. What may block runs in a thread of its own.
 */
public final class RawPeer implements AutoCloseable {
  private final Socket socket;

  private RawPeer(Socket socket) {
    this.socket = socket;
  }

  /** Connects; the system completes the handshake before the server accepts. */
  public static RawPeer connectTo(Server server) throws IOException {
    return connectTo(Loopback.port(server));
  }

  /** Connects to a port of this machine. */
  public static RawPeer connectTo(int port) throws IOException {
    return new RawPeer(new Socket(Loopback.HOST, port));
  }

  /** The socket itself. */
  public Socket socket() {
    return socket;
  }

  /** Sends text; short enough for the system to take it at once. */
  public RawPeer send(String text) throws IOException {
    socket.getOutputStream().write(Loopback.bytes(text));
    return this;
  }

  /** Sends all bytes, however long it takes. */
  public Coroutine<@Nullable Void> sendAll(byte[] data) {
    return Asyncio.toThread(() -> {
      socket.getOutputStream().write(data);
      return null;
    });
  }

  /** Receives exactly {@code n} bytes, or fewer at the end of the stream. */
  public Coroutine<byte[]> receive(int n) {
    return Asyncio.toThread(() -> socket.getInputStream().readNBytes(n));
  }

  /** Receives to the end of the stream. */
  public Coroutine<byte[]> receiveAll() {
    return Asyncio.toThread(() -> socket.getInputStream().readAllBytes());
  }

  /** Sends no more; goes on receiving. */
  public RawPeer endOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Ends the connection with a reset instead of an orderly end. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package dev.asyncio.net;

import dev.asyncio.Asyncio;
import dev.asyncio.DatagramOptions;
import dev.asyncio.Future;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A datagram protocol that notes what it hears; tests override what they want done. */
class DatagramRecorder implements DatagramProtocol {
  final List<String> log = new ArrayList<>();
  final List<SocketAddress> senders = new ArrayList<>();
  final List<IOException> errors = new ArrayList<>();
  private final Future<@Nullable Throwable> lost = Asyncio.runningLoop().createFuture();
  private @Nullable DatagramTransport transport;

  /** An endpoint on a free port of the loopback interface. */
  static DatagramRecorder bound() {
    return open(DatagramOptions.defaults().localAddr(Loopback.HOST, 0));
  }

  /** An endpoint that talks to another one alone. */
  static DatagramRecorder connectedTo(InetSocketAddress peer) {
    return open(DatagramOptions.defaults().remoteAddr(peer));
  }

  static DatagramRecorder open(DatagramOptions options) {
    return Asyncio.runningLoop()
        .createDatagramEndpoint(DatagramRecorder::new, options)
        .await()
        .protocol();
  }

  DatagramTransport transport() {
    return Objects.requireNonNull(transport, "not there yet");
  }

  InetSocketAddress address() {
    return Objects.requireNonNull(
        transport().getExtraInfo("sockname", InetSocketAddress.class), "not bound");
  }

  void send(String text) {
    transport().sendto(ByteBuffer.wrap(Loopback.bytes(text)));
  }

  void send(String text, SocketAddress to) {
    transport().sendto(ByteBuffer.wrap(Loopback.bytes(text)), to);
  }

  Future<@Nullable Throwable> lost() {
    return lost;
  }

  /** Closes, and waits for the end. */
  void end() {
    transport().close();
    lost.await();
  }

  @Override
  public void connectionMade(BaseTransport transport) {
    this.transport = (DatagramTransport) transport;
    log.add("made");
  }

  @Override
  public void datagramReceived(ByteBuffer data, SocketAddress addr) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    log.add("got " + Loopback.text(bytes));
    senders.add(addr);
  }

  @Override
  public void errorReceived(IOException exc) {
    log.add("error");
    errors.add(exc);
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

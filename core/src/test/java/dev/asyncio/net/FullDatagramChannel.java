package dev.asyncio.net;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket whose send buffer is full on demand. A real one cannot be filled over loopback,
 * where a datagram that finds no room is dropped by the receiver's side.
 */
final class FullDatagramChannel extends DatagramChannel {
  private final DatagramChannel real;

  /** How many more datagrams are taken. */
  int room;

  /** What the next send fails with. */
  @Nullable IOException failure;

  /** What sending fails with that has nothing to do with the network. */
  @Nullable RuntimeException bug;

  FullDatagramChannel() throws IOException {
    this(DatagramChannel.open(StandardProtocolFamily.INET));
    real.bind(null);
  }

  private FullDatagramChannel(DatagramChannel real) {
    super(real.provider());
    this.real = real;
  }

  @Override
  public int send(ByteBuffer src, SocketAddress target) throws IOException {
    if (failure != null) {
      IOException thrown = failure;
      failure = null;
      throw thrown;
    }
    if (bug != null) {
      throw bug;
    }
    if (room == 0) {
      return 0;
    }
    room--;
    return real.send(src, target);
  }

  @Override
  public int write(ByteBuffer src) {
    throw new AssertionError("not connected");
  }

  @Override
  public DatagramChannel bind(@Nullable SocketAddress local) throws IOException {
    real.bind(local);
    return this;
  }

  @Override
  public <T> DatagramChannel setOption(SocketOption<T> name, T value) throws IOException {
    real.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    return real.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return real.supportedOptions();
  }

  @Override
  public DatagramSocket socket() {
    return real.socket();
  }

  @Override
  public boolean isConnected() {
    return false;
  }

  @Override
  public DatagramChannel connect(SocketAddress remote) {
    throw new AssertionError("not connected");
  }

  @Override
  public DatagramChannel disconnect() {
    return this;
  }

  @Override
  public @Nullable SocketAddress getRemoteAddress() {
    return null;
  }

  @Override
  public @Nullable SocketAddress receive(ByteBuffer dst) throws IOException {
    return real.receive(dst);
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    return real.read(dst);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    return real.read(dsts, offset, length);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) {
    throw new AssertionError("not connected");
  }

  @Override
  public @Nullable SocketAddress getLocalAddress() throws IOException {
    return real.getLocalAddress();
  }

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface interf) throws IOException {
    return real.join(group, interf);
  }

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface interf, InetAddress source)
      throws IOException {
    return real.join(group, interf, source);
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    real.close();
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    real.configureBlocking(block);
  }
}

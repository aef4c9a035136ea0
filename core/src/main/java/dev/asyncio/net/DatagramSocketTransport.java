package dev.asyncio.net;

import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.DatagramProtocol;
import dev.asyncio.transport.DatagramTransport;
import dev.asyncio.transport.TransportSocket;
import dev.asyncio.transport.WriteBufferLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket as a transport.
 *
 * <p><b>Order and cost:</b> when the loop finds it readable, up to {@link #BATCH} datagrams are
 * delivered one after the other, which saves a poll for each, a tenth of an echo's CPU; more saved
 * nothing. Then it is the turn of others. Differs: CPython delivers one for each poll.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * selector_events._SelectorDatagramTransport}.
 */
final class DatagramSocketTransport extends ChannelTransport implements DatagramTransport {
  /** The most datagrams that are delivered before others get their turn. */
  static final int BATCH = 32;

  /** What a buffered datagram counts for besides its bytes. */
  private static final int HEADER_SIZE = 8;

  private record Waiting(ByteBuffer data, @Nullable SocketAddress addr) {
    int size() {
      return data.remaining() + HEADER_SIZE;
    }
  }

  // --- set once
  private final DatagramChannel channel;
  private final @Nullable SocketAddress remote; // the only address to send to
  private final @Nullable SocketAddress peername; // set where the socket is connected
  private final @Nullable SocketAddress sockname;

  // --- loop thread only
  private final FlowControl flow;
  private final Deque<Waiting> queue = new ArrayDeque<>(0);
  private long queued; // Invariant: the sum of the sizes of what is in queue
  private DatagramProtocol protocol;

  /**
   * Takes over a bound channel; where this throws it is still the caller's.
   *
   * @param remote the only address to send to, or {@code null}; that of a connected channel is
   *     known without
   */
  DatagramSocketTransport(
      IoLoop io, DatagramChannel channel, @Nullable SocketAddress remote, DatagramProtocol protocol)
      throws IOException {
    super(io, channel);
    this.channel = channel;
    this.protocol = checked(DatagramProtocol.class, "datagram transport", protocol);
    this.remote = remote;
    this.peername = channel.getRemoteAddress();
    this.sockname = channel.getLocalAddress();
    this.flow = new FlowControl(loop(), this);
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    this.protocol = checked(DatagramProtocol.class, "datagram transport", protocol);
  }

  @Override
  public DatagramProtocol getProtocol() {
    return protocol;
  }

  // --- receiving

  @Override
  void readReady() {
    int count = 0;
    while (!isClosing() && count++ < BATCH && receive()) {
      // one more
    }
  }

  /** Returns whether there may be more. */
  private boolean receive() {
    ByteBuffer data = io.readBuffer().clear().order(ByteOrder.BIG_ENDIAN);
    SocketAddress addr;
    try {
      addr = channel.receive(data);
    } catch (IOException exc) {
      protocol.errorReceived(exc);
      return false; // an error that stays is told of once for each poll
    } catch (Throwable exc) {
      fatal(exc, "Fatal read error on datagram transport");
      return false;
    }
    if (addr == null) {
      return false;
    }
    protocol.datagramReceived(data.flip(), addr);
    return true;
  }

  // --- sending

  @Override
  public void sendto(ByteBuffer data, @Nullable SocketAddress addr) {
    io.checkCaller("transport.sendto()");
    SocketAddress target = targetOf(addr);
    if (isLost()) {
      data.position(data.limit());
      warnOfLostWrite("socket.send() raised exception");
      return;
    }
    try {
      if (!queue.isEmpty() || !send(data, target)) {
        enqueue(data, target);
      }
    } catch (IOException exc) {
      data.position(data.limit());
      protocol.errorReceived(exc);
    } catch (UnsupportedAddressTypeException exc) {
      throw new IllegalArgumentException(
          "sendto() cannot reach " + addr + ": " + this + " is of another address family", exc);
    } catch (Throwable exc) {
      data.position(data.limit());
      fatal(exc, "Fatal write error on datagram transport");
    }
  }

  /** Returns {@code null} where the socket itself knows. */
  private @Nullable SocketAddress targetOf(@Nullable SocketAddress addr) {
    SocketAddress only = remote != null ? remote : peername;
    if (addr == null || addr.equals(only)) {
      if (only == null) {
        throw new IllegalArgumentException(
            "sendto() needs an address: " + this + " was made without a remote one");
      }
      return peername != null ? null : only;
    }
    if (only != null) {
      throw new IllegalArgumentException("Invalid address: must be None or " + only);
    }
    if (!(addr instanceof InetSocketAddress inet) || inet.isUnresolved()) {
      throw new IllegalArgumentException(
          "sendto() needs a resolved internet address, got " + addr + "; look the name up first");
    }
    return addr;
  }

  /** Returns whether the system took the datagram, which is then consumed. */
  private boolean send(ByteBuffer data, @Nullable SocketAddress target) throws IOException {
    int length = data.remaining();
    if (length == 0 && target == null) {
      throw new IOException(
          "an empty datagram was not sent: the JDK sends none on a connected socket;"
              + " make the endpoint without remoteAddr, and give sendto() the address");
    }
    ByteBuffer direct = data;
    if (!data.isDirect() && length <= IoLoop.BUFFER_SIZE) {
      direct = io.sendBuffer().clear().put(0, data, data.position(), length).limit(length);
    }
    int sent = target == null ? channel.write(direct) : channel.send(direct, target);
    if (sent == 0 && length > 0) {
      return false; // an empty one that found no room looks as if it were sent: it is lost
    }
    data.position(data.limit());
    return true;
  }

  private void enqueue(ByteBuffer data, @Nullable SocketAddress target) {
    ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
    Waiting waiting = new Waiting(copy, target);
    queue.addLast(waiting);
    queued += waiting.size();
    watchWriting(true);
    flow.grown(queued);
  }

  @Override
  void writeReady() {
    if (isLost()) {
      return; // aborted by a callback that ran between the poll and this one
    }
    while (!queue.isEmpty()) {
      Waiting next = queue.removeFirst();
      queued -= next.size();
      try {
        if (!send(next.data, next.addr)) {
          queue.addFirst(next);
          queued += next.size();
          break;
        }
      } catch (IOException exc) {
        protocol.errorReceived(exc); // the others get their turn when the loop comes back
        return;
      } catch (Throwable exc) {
        fatal(exc, "Fatal write error on datagram transport");
        return;
      }
    }
    flow.shrunk(queued); // may send again, close or abort
    if (queue.isEmpty()) {
      sentAll();
    }
  }

  @Override
  boolean hasDataToSend() {
    return !queue.isEmpty();
  }

  @Override
  void dropDataToSend() {
    queue.clear();
    queued = 0;
  }

  @Override
  public long getWriteBufferSize() {
    return queued;
  }

  @Override
  public WriteBufferLimits getWriteBufferLimits() {
    return flow.limits();
  }

  @Override
  public void setWriteBufferLimits(WriteBufferLimits limits) {
    io.checkCaller("transport.setWriteBufferLimits()");
    flow.limits(limits, queued);
  }

  // --- the end, and facts

  @Override
  public void abort() {
    io.checkCaller("transport.abort()");
    forceClose(null);
  }

  @Override
  public @Nullable Object getExtraInfo(String name) {
    return switch (name) {
      case "peername" -> peername;
      case "sockname" -> sockname;
      case "socket" -> new TransportSocket(channel);
      default -> null;
    };
  }

  @Override
  public String toString() {
    return String.format(
        "DatagramSocketTransport[%s -> %s, %s, %d bytes to send]",
        sockname, remote != null ? remote : peername, state(), queued);
  }
}

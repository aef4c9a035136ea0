package dev.asyncio.net;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import dev.asyncio.Handle;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SendfileNotAvailableException;
import dev.asyncio.SendfileOptions;
import dev.asyncio.SocketOperations.Accepted;
import dev.asyncio.SocketOperations.Datagram;
import dev.asyncio.SocketOperations.Received;
import dev.asyncio.SystemExit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Works on a program's own sockets: each call is tried at once, and again whenever the socket is
 * ready for it.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code loop.sock_recv} and its kin.
 */
public final class SocketCalls {
  private final IoLoop io;
  private final AbstractEventLoop loop;

  /** The calls of a loop. */
  public SocketCalls(IoLoop io) {
    this.io = io;
    this.loop = io.loop();
  }

  // --- streams

  /** As {@code loop.sockRecv}. */
  public Coroutine<ByteBuffer> recv(SocketChannel sock, int nbytes) {
    if (nbytes < 0) {
      throw new IllegalArgumentException("negative buffersize in recv: " + nbytes);
    }
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      return nbytes == 0 ? ByteBuffer.allocate(0) : whenReadable(sock, () -> recvNow(sock, nbytes));
    });
  }

  private @Nullable ByteBuffer recvNow(SocketChannel sock, int nbytes) throws IOException {
    ByteBuffer shared = io.readBuffer().clear();
    return sock.read(shared.limit(Math.min(nbytes, shared.capacity()))) == 0 ? null : copy(shared);
  }

  private static ByteBuffer copy(ByteBuffer filled) {
    return ByteBuffer.allocate(filled.position()).put(filled.flip()).flip();
  }

  /** As {@code loop.sockRecvInto}. */
  public Coroutine<Integer> recvInto(SocketChannel sock, ByteBuffer buf) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      return buf.hasRemaining() ? whenReadable(sock, () -> recvIntoNow(sock, buf)) : 0;
    });
  }

  private static @Nullable Integer recvIntoNow(SocketChannel sock, ByteBuffer buf)
      throws IOException {
    int count = sock.read(buf);
    return count == 0 ? null : (Integer) Math.max(count, 0);
  }

  /** As {@code loop.sockSendall}. */
  public Coroutine<@Nullable Void> sendall(SocketChannel sock, ByteBuffer data) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      whenWritable(
          sock,
          () -> {
            sendNow(sock, data);
            return data.hasRemaining() ? null : data;
          });
    });
  }

  private void sendNow(SocketChannel sock, ByteBuffer data) throws IOException {
    if (data.isDirect()) {
      sock.write(data);
    } else {
      Channels.writeThrough(io.sendBuffer(), sock::write, data);
    }
  }

  /** As {@code loop.sockConnect}. */
  public Coroutine<@Nullable Void> connect(SocketChannel sock, SocketAddress address) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      SocketAddress target = resolved(address);
      try {
        if (!sock.connect(target)) {
          waitWritable(sock, () -> sock.finishConnect() ? sock : null);
        }
      } catch (IOException exc) {
        throw target instanceof InetSocketAddress ip ? ConnectRace.named(exc, ip) : exc;
      }
    });
  }

  private SocketAddress resolved(SocketAddress address) throws IOException {
    return address instanceof InetSocketAddress ip && ip.isUnresolved()
        ? new Resolver(loop).toConnect(ip.getHostString(), ip.getPort(), null).getFirst()
        : address;
  }

  /** As {@code loop.sockAccept}. */
  public Coroutine<Accepted> accept(ServerSocketChannel sock) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      return whenReadable(sock, () -> acceptNow(sock));
    });
  }

  private static @Nullable Accepted acceptNow(ServerSocketChannel sock) throws IOException {
    SocketChannel peer = sock.accept();
    if (peer == null) {
      return null;
    }
    try {
      peer.configureBlocking(false);
      return new Accepted(peer, peer.getRemoteAddress());
    } catch (Throwable exc) {
      Channels.closeQuietly(peer);
      throw exc;
    }
  }

  /** As {@code loop.sockSendfile}. */
  public Coroutine<Long> sendfile(SocketChannel sock, FileChannel file, SendfileOptions part) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      FileSending sending;
      try {
        sending = new FileSending(loop.createFuture(), sock, file, part);
      } catch (SendfileNotAvailableException exc) {
        if (!part.fallback()) {
          throw exc;
        }
        return new FileSender(loop).copy(file, part, block -> sendall(sock, block).await());
      }
      whenWritable(
          sock,
          () -> {
            sending.proceed();
            return sending.isDone() ? sending : null;
          });
      return sending.await();
    });
  }

  // --- datagrams

  /** As {@code loop.sockRecvfrom}. */
  public Coroutine<Datagram> recvfrom(DatagramChannel sock, int bufsize) {
    if (bufsize < 0) {
      throw new IllegalArgumentException("negative buffersize in recvfrom: " + bufsize);
    }
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      return whenReadable(sock, () -> recvfromNow(sock, bufsize));
    });
  }

  private @Nullable Datagram recvfromNow(DatagramChannel sock, int bufsize) throws IOException {
    ByteBuffer shared = io.readBuffer().clear();
    SocketAddress sender = sock.receive(shared.limit(Math.min(bufsize, shared.capacity())));
    return sender == null ? null : new Datagram(copy(shared), sender);
  }

  /** As {@code loop.sockRecvfromInto}. */
  public Coroutine<Received> recvfromInto(DatagramChannel sock, ByteBuffer buf) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      return whenReadable(sock, () -> recvfromIntoNow(sock, buf));
    });
  }

  private static @Nullable Received recvfromIntoNow(DatagramChannel sock, ByteBuffer buf)
      throws IOException {
    int before = buf.position();
    SocketAddress sender = sock.receive(buf);
    return sender == null ? null : new Received(buf.position() - before, sender);
  }

  /** As {@code loop.sockSendto}. */
  public Coroutine<Integer> sendto(DatagramChannel sock, ByteBuffer data, SocketAddress address) {
    return Coroutine.of(() -> {
      checkNonBlocking(sock);
      return whenWritable(
          sock,
          () -> {
            boolean empty = !data.hasRemaining();
            int count = sock.send(data, address);
            return count == 0 && !empty ? null : (Integer) count;
          });
    });
  }

  // --- waiting

  /** One try; the result, or {@code null} if the socket is not ready. */
  private interface Attempt<T> {
    @Nullable T now() throws IOException;
  }

  private <T> T whenReadable(SelectableChannel sock, Attempt<T> attempt) throws IOException {
    T result = attempt.now();
    if (result != null) {
      return result;
    }
    Future<T> done = loop.createFuture();
    Handle reader = loop.addReader(sock, () -> tryAgain(attempt, done));
    try {
      return done.await();
    } finally {
      if (!reader.cancelled()) { // else somebody else watches it now
        loop.removeReader(sock);
      }
    }
  }

  private <T> T whenWritable(SelectableChannel sock, Attempt<T> attempt) throws IOException {
    T result = attempt.now();
    return result != null ? result : waitWritable(sock, attempt);
  }

  private <T> T waitWritable(SelectableChannel sock, Attempt<T> attempt) throws IOException {
    Future<T> done = loop.createFuture();
    Handle writer = loop.addWriter(sock, () -> tryAgain(attempt, done));
    try {
      return done.await();
    } finally {
      if (!writer.cancelled()) {
        loop.removeWriter(sock);
      }
    }
  }

  private static <T> void tryAgain(Attempt<T> attempt, Future<T> done) {
    if (done.done()) {
      return; // cancelled, or ready twice
    }
    try {
      T result = attempt.now();
      if (result != null) {
        done.setResult(result);
      }
    } catch (KeyboardInterrupt | SystemExit exc) {
      throw exc;
    } catch (Throwable exc) {
      done.setException(exc);
    }
  }

  private static void checkNonBlocking(SelectableChannel sock) {
    if (sock.isBlocking()) {
      throw new IllegalArgumentException(
          "the socket must be non-blocking: call configureBlocking(false) on " + sock);
    }
  }
}

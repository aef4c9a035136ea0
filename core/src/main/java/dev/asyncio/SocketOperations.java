package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The part of a loop that works on a program's own channels: watching them, and waiting for what
 * they do.
 *
 * <p>All channels must be non-blocking and stay the program's: the loop never closes them. One that
 * a transport or a server of the loop has is refused with an {@link IllegalStateException} that
 * names it. Each {@code sock} call tries at once, and suspends only while the socket is not ready;
 * at most one waits for reading and one for writing, since a second one takes the place of the
 * first. Closing a channel while a call waits for it leaves that waiting: cancel it first.
 *
 * <p><b>Cancellation:</b> of a waiting call ends its interest in the channel.
 *
 * <p>A loop without a network leaves the methods as they are here; they say so with an {@link
 * UnsupportedOperationException} when they are called.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.AbstractEventLoop}.
 */
@CheckReturnValue
public interface SocketOperations {

  // ---- watching

  /**
   * Has {@code callback} called, in a copy of the current context, whenever {@code channel} can be
   * read, or has a connection to accept, until {@link #removeReader}. Takes the place of the
   * callback before, which is cancelled.
   *
   * @return the callback's handle, cancelled once it is replaced or removed
   * @throws IllegalArgumentException if the channel is closed or blocking
   * @throws IllegalStateException if a transport has the channel
   */
  @CanIgnoreReturnValue
  default Handle addReader(SelectableChannel channel, Runnable callback) {
    throw Missing.of(this, "addReader()");
  }

  /**
   * Ends what {@link #addReader} began, and cancels the callback.
   *
   * @return whether there was one
   * @throws IllegalStateException if a transport has the channel
   */
  @CanIgnoreReturnValue
  default boolean removeReader(SelectableChannel channel) {
    throw Missing.of(this, "removeReader()");
  }

  /**
   * As {@link #addReader}, for when {@code channel} can be written, or its connect has ended.
   *
   * @return the callback's handle, cancelled once it is replaced or removed
   */
  @CanIgnoreReturnValue
  default Handle addWriter(SelectableChannel channel, Runnable callback) {
    throw Missing.of(this, "addWriter()");
  }

  /**
   * Ends what {@link #addWriter} began, and cancels the callback.
   *
   * @return whether there was one
   */
  @CanIgnoreReturnValue
  default boolean removeWriter(SelectableChannel channel) {
    throw Missing.of(this, "removeWriter()");
  }

  // ---- streams

  /**
   * Receives up to {@code nbytes} bytes, as soon as there are any; an empty buffer means the end.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} from the socket; {@link IllegalArgumentException}
   * if it is blocking.
   */
  default Coroutine<ByteBuffer> sockRecv(SocketChannel sock, int nbytes) {
    throw Missing.of(this, "sockRecv()");
  }

  /**
   * Receives into the room of a buffer, and moves its position; a direct one saves a copy.
   *
   * <p><b>Errors:</b> as {@link #sockRecv}.
   *
   * @return how many bytes; 0 at the end, as in CPython, or without room
   */
  default Coroutine<Integer> sockRecvInto(SocketChannel sock, ByteBuffer buf) {
    throw Missing.of(this, "sockRecvInto()");
  }

  /**
   * Sends all that remains in a buffer, which must be left alone meanwhile.
   *
   * <p><b>Cancellation:</b> leaves a part of it sent; the buffer's position is behind that.
   *
   * <p><b>Errors:</b> as {@link #sockRecv}.
   */
  default Coroutine<@Nullable Void> sockSendall(SocketChannel sock, ByteBuffer data) {
    throw Missing.of(this, "sockSendall()");
  }

  /**
   * Connects; a name in {@code address} is looked up in the executor.
   *
   * <p><b>Cancellation:</b> leaves the connect under way; close the channel.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} naming the address; the JDK has then closed the
   * channel.
   */
  default Coroutine<@Nullable Void> sockConnect(SocketChannel sock, SocketAddress address) {
    throw Missing.of(this, "sockConnect()");
  }

  /**
   * Accepts one connection.
   *
   * <p><b>Cancellation:</b> takes no connection from the queue.
   *
   * <p><b>Errors:</b> as {@link #sockRecv}.
   */
  default Coroutine<Accepted> sockAccept(ServerSocketChannel sock) {
    throw Missing.of(this, "sockAccept()");
  }

  /**
   * A connection that was accepted.
   *
   * @param socket non-blocking, and the caller's to close
   * @param peer who connected
   */
  record Accepted(SocketChannel socket, SocketAddress peer) {}

  /** As {@link #sockSendfile(SocketChannel, FileChannel, SendfileOptions)}, for the whole file. */
  default Coroutine<Long> sockSendfile(SocketChannel sock, FileChannel file) {
    return sockSendfile(sock, file, SendfileOptions.defaults());
  }

  /**
   * Sends a part of a file over a socket, without copying it through this process where the system
   * can.
   *
   * <p><b>Cancellation:</b> leaves a part of it sent; the file's position is behind that, as it is
   * in the end.
   *
   * <p><b>Errors:</b> {@link java.io.IOException} from the socket or the file; {@link
   * SendfileNotAvailableException} if the system cannot and {@code fallback} is off.
   *
   * @return how many bytes were sent
   */
  default Coroutine<Long> sockSendfile(
      SocketChannel sock, FileChannel file, SendfileOptions options) {
    throw Missing.of(this, "sockSendfile()");
  }

  // ---- datagrams

  /**
   * Receives one datagram; what it has beyond {@code bufsize} bytes is lost.
   *
   * <p><b>Errors:</b> as {@link #sockRecv}.
   */
  default Coroutine<Datagram> sockRecvfrom(DatagramChannel sock, int bufsize) {
    throw Missing.of(this, "sockRecvfrom()");
  }

  /**
   * A datagram.
   *
   * @param data its bytes
   * @param sender who sent it
   */
  record Datagram(ByteBuffer data, SocketAddress sender) {}

  /**
   * Receives one datagram into the room of a buffer, and moves its position; what does not fit is
   * lost.
   *
   * <p><b>Errors:</b> as {@link #sockRecv}.
   */
  default Coroutine<Received> sockRecvfromInto(DatagramChannel sock, ByteBuffer buf) {
    throw Missing.of(this, "sockRecvfromInto()");
  }

  /**
   * What was received into a buffer.
   *
   * @param count how many bytes
   * @param sender who sent them
   */
  record Received(int count, SocketAddress sender) {}

  /**
   * Sends what remains in a buffer as one datagram.
   *
   * <p><b>Errors:</b> as {@link #sockRecv}.
   *
   * @return how many bytes were sent
   */
  default Coroutine<Integer> sockSendto(
      DatagramChannel sock, ByteBuffer data, SocketAddress address) {
    throw Missing.of(this, "sockSendto()");
  }
}

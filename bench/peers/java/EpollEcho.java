import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The echo server on the system calls themselves, through the foreign function API, one thread, on
 * Linux on x86-64: the least that a Java program can do for I/O. As {@code epoll_echo.c}.
 *
 * <p>With {@code arrays} every message becomes an array of its own, which is written when all
 * sockets that are ready have been read.
 *
 * <p>Arguments: maybe {@code arrays}, then the port on 127.0.0.1, 0 for any. Says {@code listening
 * on PORT} when it is up.
 */
public final class EpollEcho {
  private static final int BUFFER = 256 * 1024;
  private static final int EVENTS = 1024;
  private static final int EVENT = 12; // its kinds, then 64 bits of our own
  private static final int READABLE = 1;
  private static final int WRITABLE = 4;
  private static final int ADD = 1;
  private static final int MODIFY = 3;
  private static final int NON_BLOCKING = 0x800;
  private static final int EAGAIN = 11;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle READ = transfer("read");
  private static final MethodHandle WRITE = transfer("write");
  private static final MethodHandle CALL = // four registers are enough for the rest
      LINKER.downcallHandle(
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private static final Arena ARENA = Arena.global();
  private static final MemorySegment STATE = ARENA.allocate(STATE_LAYOUT);
  private static final MemorySegment SHARED = ARENA.allocate(BUFFER, 64);
  private static final MemorySegment EVENT_TO_SET = ARENA.allocate(EVENT);
  private static final MemorySegment HAPPENED = ARENA.allocate(EVENT * EVENTS);
  private static final MemorySegment ON = ARENA.allocateFrom(JAVA_INT, 1);
  private static final MemorySegment EPOLL_WAIT = symbol("epoll_wait");
  private static final ArrayDeque<Runnable> REPLIES = new ArrayDeque<>();

  private final boolean arrays;
  private final int epoll;
  private final int listener;
  private Peer[] peers = new Peer[64]; // by descriptor

  private EpollEcho(int port, boolean arrays) {
    this.arrays = arrays;
    epoll = call("epoll_create1", 0, 0, 0, 0, 0);
    listener = call("socket", 2, 1 | NON_BLOCKING, 0, 0, 0);
    call("setsockopt", listener, 1, 2, ON.address(), 4);
    MemorySegment address = ARENA.allocate(16);
    address.set(JAVA_SHORT, 0, (short) 2);
    address.set(JAVA_SHORT, 2, Short.reverseBytes((short) port));
    address.set(JAVA_INT, 4, Integer.reverseBytes(0x7f000001));
    call("bind", listener, address.address(), 16, 0, 0);
    call("listen", listener, 4096, 0, 0, 0);
    MemorySegment length = ARENA.allocateFrom(JAVA_INT, 16);
    call("getsockname", listener, address.address(), length.address(), 0, 0);
    watch(ADD, listener, READABLE);
    int bound = Short.toUnsignedInt(Short.reverseBytes(address.get(JAVA_SHORT, 2)));
    System.out.println("listening on " + bound);
  }

  /** Serves until the process is ended. */
  public static void main(String[] args) {
    var server = new EpollEcho(Integer.parseInt(args[args.length - 1]), args.length > 1);
    while (true) {
      server.turn();
      for (Runnable reply; (reply = REPLIES.poll()) != null; ) {
        reply.run();
      }
    }
  }

  private void turn() {
    int count = raw(EPOLL_WAIT, epoll, HAPPENED.address(), EVENTS, -1, 0);
    for (int i = 0; i < count; i++) {
      int descriptor = (int) HAPPENED.get(JAVA_LONG_UNALIGNED, (long) EVENT * i + 4);
      if (descriptor == listener) {
        acceptAll();
      } else if (peers[descriptor] != null) {
        proceed(peers[descriptor]);
      }
    }
  }

  private void acceptAll() {
    MemorySegment accept = symbol("accept4");
    int descriptor;
    while ((descriptor = raw(accept, listener, 0, 0, NON_BLOCKING, 0)) >= 0) {
      call("setsockopt", descriptor, 6, 1, ON.address(), 4);
      if (descriptor >= peers.length) {
        peers = Arrays.copyOf(peers, 2 * descriptor);
      }
      peers[descriptor] = new Peer(descriptor);
      watch(ADD, descriptor, READABLE);
    }
  }

  private static final class Peer {
    final int descriptor;
    MemorySegment rest; // what is still to be written; reading waits meanwhile

    Peer(int descriptor) {
      this.descriptor = descriptor;
    }
  }

  private void proceed(Peer peer) {
    try {
      if (peer.rest != null) {
        write(peer, peer.rest);
      } else {
        echo(peer);
      }
    } catch (IOException gone) {
      close(peer);
    }
  }

  private void echo(Peer peer) throws IOException {
    int count = transfer(READ, peer, SHARED);
    if (count == 0) {
      close(peer);
    } else if (count > 0 && arrays) {
      byte[] message = new byte[count];
      MemorySegment.copy(SHARED, JAVA_BYTE, 0, message, 0, count);
      REPLIES.add(() -> reply(peer, message));
    } else if (count > 0) {
      write(peer, SHARED.asSlice(0, count));
    }
  }

  private void reply(Peer peer, byte[] message) {
    try {
      write(peer, MemorySegment.ofArray(message));
    } catch (IOException gone) {
      close(peer);
    }
  }

  private void write(Peer peer, MemorySegment data) throws IOException {
    int taken = Math.max(0, transfer(WRITE, peer, data));
    boolean waited = peer.rest != null;
    if (taken == data.byteSize()) {
      peer.rest = null;
    } else {
      MemorySegment left = data.asSlice(taken);
      peer.rest = waited ? left : MemorySegment.ofArray(left.toArray(JAVA_BYTE));
    }
    if (waited != (peer.rest != null)) {
      watch(MODIFY, peer.descriptor, waited ? READABLE : WRITABLE);
    }
  }

  private void close(Peer peer) {
    peers[peer.descriptor] = null;
    call("close", peer.descriptor, 0, 0, 0, 0);
  }

  private void watch(int operation, int descriptor, int kinds) {
    EVENT_TO_SET.set(JAVA_INT_UNALIGNED, 0, kinds);
    EVENT_TO_SET.set(JAVA_LONG_UNALIGNED, 4, descriptor);
    call("epoll_ctl", epoll, operation, descriptor, EVENT_TO_SET.address(), 0);
  }

  // ---- system calls

  private static MemorySegment symbol(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  /** A call that may have memory of the heap. */
  private static MethodHandle transfer(String name) {
    return LINKER.downcallHandle(
        symbol(name),
        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
        Linker.Option.captureCallState("errno"),
        Linker.Option.critical(true));
  }

  /** Returns the number of bytes, 0 at the end, -1 for none now. */
  private static int transfer(MethodHandle call, Peer peer, MemorySegment data) throws IOException {
    try {
      long count = (long) call.invokeExact(STATE, peer.descriptor, data, data.byteSize());
      if (count >= 0 || (int) ERRNO.get(STATE, 0L) == EAGAIN) {
        return (int) count;
      }
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
    throw new IOException("error " + ERRNO.get(STATE, 0L));
  }

  private static int raw(MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (int) CALL.invokeExact(function, a, b, c, d, e);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static int call(String name, long a, long b, long c, long d, long e) {
    int result = raw(symbol(name), a, b, c, d, e);
    if (result < 0) {
      throw new IllegalStateException(name + " failed");
    }
    return result;
  }
}

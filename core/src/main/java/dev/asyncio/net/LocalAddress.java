package dev.asyncio.net;

import dev.asyncio.engine.Opening;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of a server lead to. The JDK keeps a copy of that for each, 96 bytes that
 * are the same for all of them; here the last one is given to the next connection.
 *
 * <p>There is no public API for it, so this does nothing where the carried engine has no access to
 * the JDK either.
 *
 * <p><b>Threads:</b> loop only.
 */
final class LocalAddress {
  private static final @Nullable VarHandle FIELD = field();

  private @Nullable SocketAddress last;

  private static @Nullable VarHandle field() {
    try {
      Opening.ofJavaBase("sun.nio.ch");
      Class<?> type = Class.forName("sun.nio.ch.SocketChannelImpl");
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findVarHandle(type, "localAddress", SocketAddress.class);
    } catch (Throwable notToBeHad) {
      return null;
    }
  }

  /** Has an accepted channel hold the address that the one before it holds, if they are equal. */
  void shareWith(SocketChannel channel) throws IOException {
    if (FIELD == null || !(channel.getLocalAddress() instanceof InetSocketAddress address)) {
      return;
    }
    if (!address.equals(last) || address.getAddress().isLinkLocalAddress()) {
      last = address; // of link-local ones two can be equal that belong to different networks
    } else {
      FIELD.set(channel, last);
    }
  }
}

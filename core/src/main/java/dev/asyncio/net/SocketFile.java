package dev.asyncio.net;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The file that a listening Unix socket has in the file system. The system leaves it behind when
 * the socket is closed, and refuses to bind where one is.
 *
 * <p>All calls are quick look-ups in the file system, on the loop as in CPython. <b>Source:</b>
 * CPython 3.14, {@code unix_events}.
 */
final class SocketFile {
  private static final System.Logger LOG = System.getLogger("asyncio");
  private static final int TYPE_OF_FILE = 0170000;
  private static final int SOCKET = 0140000;

  private final Path path;
  private final @Nullable Object identity; // null where the system's files have none

  private SocketFile(Path path, @Nullable Object identity) {
    this.path = path;
    this.identity = identity;
  }

  /** Removes what is at {@code path} if it is a socket, in use or not; leaves all else alone. */
  static void removeStale(Path path) {
    try {
      if (isSocket(path)) {
        Files.delete(path);
      }
    } catch (NoSuchFileException nothingThere) {
      // as it should be
    } catch (IOException exc) {
      // The folder may allow to make sockets only.
      LOG.log(
          System.Logger.Level.ERROR,
          "Unable to check or remove stale UNIX socket '" + path + "'",
          exc);
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    try {
      return ((int) Files.getAttribute(path, "unix:mode") & TYPE_OF_FILE) == SOCKET;
    } catch (UnsupportedOperationException | IllegalArgumentException notUnix) {
      return Files.readAttributes(path, BasicFileAttributes.class).isOther();
    }
  }

  /** The file of a bound socket, as it is now; {@code null} if there is none. */
  static @Nullable SocketFile of(ServerSocketChannel socket) throws IOException {
    if (!(socket.getLocalAddress() instanceof UnixDomainSocketAddress address)) {
      return null;
    }
    try {
      return new SocketFile(address.getPath(), identityOf(address.getPath()));
    } catch (NoSuchFileException gone) {
      return null;
    }
  }

  /** Removes the file, unless it has become another one. */
  void remove() {
    try {
      if (Objects.equals(identityOf(path), identity)) {
        Files.delete(path);
      }
    } catch (NoSuchFileException gone) {
      // somebody else was quicker
    } catch (IOException exc) {
      LOG.log(
          System.Logger.Level.ERROR,
          "Unable to clean up listening UNIX socket '" + path + "'",
          exc);
    }
  }

  private static @Nullable Object identityOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}

package dev.asyncio;

import dev.asyncio.transport.BaseTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches over something that has to be closed: a transport, a server, the writer of a stream. One
 * that is dropped unclosed, or that is still open when its loop closes, is closed then, and debug
 * mode logs a warning with the place where it was made.
 *
 * <p>For authors of transports. The resource itself keeps the watch, and says {@link #closed} when
 * it is.
 *
 * {@snippet :
 * private static final Unclosed.Kind<Channel> TRANSPORT =
 *     Unclosed.kind("transport", MyTransport::closeQuietly);
 *
 * private static Unclosed watch(AbstractEventLoop loop, MyTransport transport, Channel channel) {
 *   return Unclosed.watch(loop, transport, TRANSPORT, channel);
 * }
 * }
 *
 * <p><b>Order and cost:</b> a dropped resource is closed some turns after the garbage collector has
 * found it, never at once; the memory of a weak reference for each resource, and the frames of its
 * maker in debug mode only.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code __del__} of transports, servers
 * and {@code asyncio.StreamWriter}.
 */
public abstract sealed class Unclosed extends Garbage.Watch {
  private static final Kind<BaseTransport> WRITER = kind("StreamWriter on", BaseTransport::close);

  final AbstractEventLoop loop;
  final Object underneath;
  private final Kind<Object> kind;

  @SuppressWarnings("unchecked") // it gets what it is for
  private <U> Unclosed(AbstractEventLoop loop, Object watched, Kind<? super U> kind, U underneath) {
    super(watched);
    this.loop = loop;
    this.kind = (Kind<Object>) (loop.getDebug() ? kind.madeHere() : kind);
    this.underneath = underneath;
  }

  /**
   * A sort of resources: their name and how they are closed, of which each has no copy.
   *
   * @param <U> what they stand on
   */
  public static final class Kind<U> {
    private final String name;
    private final Consumer<? super U> release;
    private final @Nullable List<StackTraceElement> source; // in debug mode, where one was made

    private Kind(
        String name, Consumer<? super U> release, @Nullable List<StackTraceElement> source) {
      this.name = name;
      this.release = release;
      this.source = source;
    }

    private Kind<U> madeHere() {
      return new Kind<>(name, release, Errors.creationSite());
    }

    private String warning(Object which) {
      String message = "unclosed " + name + " <" + which + ">";
      return source == null
          ? message
          : message + "\nObject created at (most recent call first):" + Errors.text(source);
    }
  }

  /**
   * A kind of resources.
   *
   * @param name what it is, for the warning: {@code "unclosed name <…>"}
   * @param release closes what one stands on, on the loop; must not refer to the resource
   */
  public static <U> Kind<U> kind(String name, Consumer<? super U> release) {
    return new Kind<>(name, release, null);
  }

  /** A resource of the loop. */
  private static final class OfResource extends Unclosed {
    // Neighbours among those of the loop, in the order of their making; see All.
    private @Nullable OfResource previous;
    private @Nullable OfResource next;

    <U> OfResource(AbstractEventLoop loop, Object resource, Kind<? super U> kind, U underneath) {
      super(loop, resource, kind, underneath);
    }

    @Override
    public void closed() {
      clear();
      loop.ending.unclosed().remove(this);
    }

    @Override
    boolean isClosed() {
      return false;
    }
  }

  /** A user's way to a transport. */
  private static final class OfUser extends Unclosed {
    OfUser(AbstractEventLoop loop, Object user, BaseTransport transport) {
      super(loop, user, WRITER, transport);
    }

    @Override
    public void closed() {
      clear();
    }

    @Override
    boolean isClosed() {
      return ((BaseTransport) underneath).isClosing();
    }
  }

  /** The resources of a loop that are not closed, as a list through the watches themselves. */
  static final class All {
    private @Nullable OfResource first;
    private @Nullable OfResource last;

    private void add(OfResource watch) {
      watch.previous = last;
      if (last == null) {
        first = watch;
      } else {
        last.next = watch;
      }
      last = watch;
    }

    private void remove(OfResource watch) {
      OfResource before = watch.previous;
      OfResource after = watch.next;
      if (before == null && first != watch) {
        return; // has been taken out
      }
      if (before == null) {
        first = after;
      } else {
        before.next = after;
      }
      if (after == null) {
        last = before;
      } else {
        after.previous = before;
      }
      watch.previous = null;
      watch.next = null;
    }
  }

  /**
   * Watches over {@code resource} until it is {@link #closed}, or its loop is.
   *
   * @param underneath the channel, process or transport that it stands on, which names it once it
   *     is gone; must not refer to {@code resource}
   */
  public static <U> Unclosed watch(
      AbstractEventLoop loop, Object resource, Kind<? super U> kind, U underneath) {
    var watch = new OfResource(loop, resource, kind, underneath);
    loop.ending.unclosed().add(watch);
    return watch;
  }

  /**
   * Watches over the user of a stream's transport: when that is dropped while the transport is
   * open, the transport is closed. Ends when nobody keeps the watch.
   */
  public static Unclosed watchUser(AbstractEventLoop loop, Object user, BaseTransport transport) {
    return new OfUser(loop, user, transport);
  }

  /** Ends the watch: it was closed. */
  public abstract void closed();

  abstract boolean isClosed();

  /**
   * The resources of a loop that are neither closed nor garbage, in the order of their making.
   * Takes a step for each.
   */
  public static List<Object> resources(AbstractEventLoop loop) {
    List<Object> all = new ArrayList<>();
    for (var watch = loop.ending.unclosed().first; watch != null; watch = watch.next) {
      Object resource = watch.get();
      if (resource != null) {
        all.add(resource);
      }
    }
    return all;
  }

  /** What {@code underneath} carries, if that is watched over. */
  static @Nullable Object on(AbstractEventLoop loop, Object underneath) {
    for (var watch = loop.ending.unclosed().first; watch != null; watch = watch.next) {
      if (watch.underneath == underneath) {
        return watch.get();
      }
    }
    return null;
  }

  /** Closes and reports all that is left when the loop closes. */
  static void atEndOf(AbstractEventLoop loop) {
    List<Unclosed> left = new ArrayList<>();
    for (var watch = loop.ending.unclosed().first; watch != null; watch = watch.next) {
      left.add(watch);
    }
    left.forEach(Unclosed::report);
  }

  @Override
  void found() {
    if (!loop.isClosed()) {
      loop.enqueueThreadsafe(this::report);
    }
  }

  private void report() {
    if (isClosed()) {
      return;
    }
    if (loop.getDebug()) {
      Object resource = get();
      Log.ASYNCIO.log(
          System.Logger.Level.WARNING, kind.warning(resource == null ? underneath : resource));
    }
    closed();
    kind.release.accept(underneath);
  }
}

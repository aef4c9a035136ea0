package dev.asyncio;

import dev.asyncio.transport.BaseTransport;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
 * private static Unclosed watch(AbstractEventLoop loop, MyTransport transport, Channel channel) {
 *   return Unclosed.watch(loop, transport, "transport", channel, MyTransport::closeQuietly);
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
public final class Unclosed extends Garbage.Watch {
  private final AbstractEventLoop loop;
  private final String kind;
  private final Object underneath;
  private final Predicate<Object> isClosed; // both are asked about what is underneath
  private final Consumer<Object> release;
  private final @Nullable List<StackTraceElement> source;

  private Unclosed(
      AbstractEventLoop loop,
      Object resource,
      String kind,
      Object underneath,
      Predicate<Object> isClosed,
      Consumer<Object> release) {
    super(resource);
    this.loop = loop;
    this.kind = kind;
    this.underneath = underneath;
    this.isClosed = isClosed;
    this.release = release;
    this.source = loop.getDebug() ? Errors.creationSite() : null;
  }

  /**
   * Watches over {@code resource} until it is {@link #closed}, or its loop is.
   *
   * @param kind what it is, for the warning: {@code "unclosed kind <…>"}
   * @param underneath the channel, process or transport that it stands on, which names it once it
   *     is gone; must not refer to {@code resource}
   * @param release closes {@code underneath}, on the loop; must not refer to {@code resource}
   */
  @SuppressWarnings("unchecked") // it gets what it is for
  public static <U> Unclosed watch(
      AbstractEventLoop loop,
      Object resource,
      String kind,
      U underneath,
      Consumer<? super U> release) {
    var watch =
        new Unclosed(loop, resource, kind, underneath, _ -> false, (Consumer<Object>) release);
    loop.ending.unclosed().add(watch);
    return watch;
  }

  /**
   * Watches over a user's way to a transport, such as the writer of a stream: when that is dropped
   * while the transport is open, the transport is closed. Ends when nobody keeps the watch.
   */
  public static Unclosed watchUser(
      AbstractEventLoop loop, Object user, String kind, BaseTransport transport) {
    return new Unclosed(
        loop,
        user,
        kind,
        transport,
        it -> ((BaseTransport) it).isClosing(),
        it -> ((BaseTransport) it).close());
  }

  /** Ends the watch: it was closed. */
  public void closed() {
    clear();
    loop.ending.unclosed().remove(this);
  }

  /** What {@code underneath} carries, if that is watched over. */
  static @Nullable Object on(AbstractEventLoop loop, Object underneath) {
    for (Unclosed watch : loop.ending.unclosed()) {
      if (watch.underneath == underneath) {
        return watch.get();
      }
    }
    return null;
  }

  /** Closes and reports all that is left when the loop closes. */
  static void atEndOf(AbstractEventLoop loop) {
    for (Unclosed watch : List.copyOf(loop.ending.unclosed())) {
      watch.report();
    }
    loop.ending.unclosed().clear();
  }

  @Override
  void found() {
    if (!loop.isClosed()) {
      loop.enqueueThreadsafe(this::report);
    }
  }

  private void report() {
    if (isClosed.test(underneath)) {
      return;
    }
    if (loop.getDebug()) {
      Object resource = get();
      String message = "unclosed " + kind + " <" + (resource == null ? underneath : resource) + ">";
      Log.ASYNCIO.log(
          System.Logger.Level.WARNING,
          source == null
              ? message
              : message + "\nObject created at (most recent call first):" + Errors.text(source));
    }
    closed();
    release.accept(underneath);
  }
}

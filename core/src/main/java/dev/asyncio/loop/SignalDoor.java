package dev.asyncio.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The way from the operating system's signals to the program, on {@code sun.misc.Signal} of the
 * module {@code jdk.unsupported}, the only public one there is. In a run-time image without that
 * module the JVM's own handling of signals stays.
 *
 * <p>A signal may have several doors, which open and close in any order. All that <em>listen</em>
 * hear it; only if none does, the last one that was opened otherwise. What was there before the
 * first is back after the last.
 */
public final class SignalDoor implements AutoCloseable {

  /** A signal that has doors. */
  private record Post(Signal signal, SignalHandler before, List<SignalDoor> doors) {}

  /** Guarded by itself, and the doors in it as well. */
  private static final Map<String, Post> POSTS = new HashMap<>();

  private final String name;
  private final Runnable action;
  private final boolean listening;
  private final boolean replacesAnother;

  private SignalDoor(String name, Runnable action, boolean listening) {
    this.name = name;
    this.action = action;
    this.listening = listening;
    synchronized (POSTS) {
      Post there = POSTS.get(name);
      Post post = there != null ? there : take(name);
      replacesAnother =
          there != null || !post.before.getClass().getName().startsWith("sun.misc.Signal");
      post.doors.add(this);
    }
  }

  /** Takes the signal from the JVM, or from a handler of the program's own. */
  private static Post take(String name) {
    var signal = new Signal(name);
    SignalHandler before = Signal.handle(signal, _ -> arrived(name));
    var post = new Post(signal, before, new ArrayList<>(2));
    POSTS.put(name, post);
    return post;
  }

  private static void arrived(String name) {
    List<SignalDoor> doors;
    synchronized (POSTS) {
      Post post = POSTS.get(name);
      doors = post == null ? List.of() : List.copyOf(post.doors);
    }
    List<SignalDoor> listening = doors.stream().filter(door -> door.listening).toList();
    if (!listening.isEmpty()) {
      listening.forEach(door -> door.action.run());
    } else if (!doors.isEmpty()) {
      doors.getLast().action.run();
    }
  }

  /**
   * Has {@code action} run, on a thread of the JVM's, whenever the process gets the signal and
   * nobody listens for it.
   *
   * @param name without {@code SIG}, as in {@code INT}
   * @return closing it restores what was before; null if that signal cannot be had here
   */
  public static @Nullable SignalDoor open(String name, Runnable action) {
    try {
      return new SignalDoor(name, action, false);
    } catch (NoClassDefFoundError | IllegalArgumentException unavailable) {
      return null;
    }
  }

  /**
   * Has {@code action} run, on a thread of the JVM's, whenever the process gets the signal.
   *
   * @param name without {@code SIG}
   * @throws IllegalArgumentException if there is no such signal
   * @throws IllegalStateException if it cannot be caught
   */
  static SignalDoor listen(String name, Runnable action) {
    check(name);
    try {
      return new SignalDoor(name, action, true);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "sig " + name + " cannot be caught: the system or the JVM keeps it for itself", e);
    }
  }

  /**
   * Refuses what is no signal.
   *
   * @throws IllegalArgumentException if there is no such signal
   */
  static void check(String name) {
    try {
      int _ = new Signal(name).getNumber();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "invalid signal " + name + "; this system has none of that name", e);
    } catch (NoClassDefFoundError e) {
      throw new UnsupportedOperationException(
          "signals need the module jdk.unsupported, which this run-time image lacks", e);
    }
  }

  /** Whether the program had a handler of its own for the signal, rather than the JVM's. */
  public boolean replacesAnother() {
    return replacesAnother;
  }

  @Override
  public void close() {
    synchronized (POSTS) {
      Post post = POSTS.get(name);
      if (post != null && post.doors.remove(this) && post.doors.isEmpty()) {
        POSTS.remove(name);
        Signal.handle(post.signal, post.before);
      }
    }
  }
}

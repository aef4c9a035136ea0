package dev.asyncio;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Serial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Several unrelated failures thrown together: what a {@link TaskGroup} throws when children fail.
 *
 * <p>Members may be groups themselves, so a group is a tree; its <i>leaves</i> are the failures
 * that are no groups. The tree is fixed once made. {@link #handle(Class, Consumer)} takes the place
 * of Python's {@code except*}:
 *
 * {@snippet :
 * try {
 *   taskGroup(g -> { g.createTask(fetch(a)); g.createTask(fetch(b)); });
 * } catch (ExceptionGroup failures) {
 *   failures.handle(IOException.class, unreachable -> retryLater(unreachable.exceptions()));
 * }
 * }
 *
 * <p>A printed trace shows every member with its own trace, indented under the group. The members
 * are also attached as {@linkplain #getSuppressed() suppressed}, because logging libraries, and
 * groups printed as the cause of something else, show those.
 *
 * <p><b>Differs:</b> one class stands for both of Python's, since a Java class cannot be a {@link
 * RuntimeException} and an {@link Error}; {@link #isBaseExceptionGroup()} tells them apart.
 *
 * <p><b>Threads:</b> any. <b>Source:</b> CPython 3.14, {@code ExceptionGroup}, {@code
 * BaseExceptionGroup}.
 */
public class ExceptionGroup extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final String text;
  private final Throwable[] members;

  /**
   * Makes a group of the given failures.
   *
   * @param message what failed, without the number of members, which is added to it
   * @param exceptions the members, at least one, in the order to show them
   * @throws IllegalArgumentException if there are no members
   */
  @SuppressWarnings("this-escape") // addSuppressed is final and only stores
  public ExceptionGroup(String message, List<? extends Throwable> exceptions) {
    super(withCount(message, exceptions.size()));
    this.text = message;
    this.members = List.copyOf(exceptions).toArray(new Throwable[0]);
    for (Throwable member : members) {
      addSuppressed(member);
    }
  }

  private static String withCount(String message, int members) {
    if (members == 0) {
      throw new IllegalArgumentException(
          "an ExceptionGroup needs at least one exception; throw nothing where nothing failed");
    }
    return message + " (" + members + (members == 1 ? " sub-exception)" : " sub-exceptions)");
  }

  /**
   * Returns the message as given, without the number of members that {@link #getMessage()} adds.
   *
   * @return the message
   */
  public String message() {
    return text;
  }

  /**
   * Returns the members in order; groups among them are kept as groups.
   *
   * @return an unmodifiable list with at least one member
   */
  public List<Throwable> exceptions() {
    return List.of(members);
  }

  /**
   * Tells whether CPython would call this a {@code BaseExceptionGroup}: whether a leaf is a {@link
   * CancelledError}, a {@link KeyboardInterrupt} or a {@link SystemExit}.
   *
   * @return true if such a leaf is in it
   */
  public boolean isBaseExceptionGroup() {
    for (Throwable member : members) {
      if (member instanceof ExceptionGroup group ? group.isBaseExceptionGroup() : leaves(member)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a failure is of the kind that no ordinary handler may keep. */
  private static boolean leaves(Throwable failure) {
    return failure instanceof CancelledError
        || failure instanceof KeyboardInterrupt
        || failure instanceof SystemExit;
  }

  /**
   * Makes the group that stands for a part of this one. A subclass overrides it to stay of its
   * class when it is split.
   *
   * @param exceptions the members of the part, at least one
   * @return a group with this one's message
   */
  public ExceptionGroup derive(List<? extends Throwable> exceptions) {
    return new ExceptionGroup(text, exceptions);
  }

  /**
   * Returns the group of the leaves that meet a condition, in the shape of this one.
   *
   * @param condition tested once for each leaf
   * @return this group if all leaves meet it, null if none does, else a new group with this one's
   *     message, trace and cause
   * @see #split
   */
  public @Nullable ExceptionGroup subgroup(Predicate<? super Throwable> condition) {
    return split(condition).matching();
  }

  /**
   * Parts the leaves that meet a condition from those that don't, both in the shape of this group.
   *
   * <p><b>Differs:</b> the condition sees the leaves alone, never a group. In Java a group is a
   * {@code RuntimeException} whatever is in it, so asking it would claim leaves of other kinds.
   *
   * @param condition tested once for each leaf, in order
   * @return both parts
   */
  public Split split(Predicate<? super Throwable> condition) {
    List<Throwable> matching = new ArrayList<>();
    List<Throwable> rest = new ArrayList<>();
    for (Throwable member : members) {
      if (member instanceof ExceptionGroup group) {
        Split parts = group.split(condition);
        addIfPresent(matching, parts.matching());
        addIfPresent(rest, parts.rest());
      } else {
        (condition.test(member) ? matching : rest).add(member);
      }
    }
    return new Split(part(matching), part(rest));
  }

  private static void addIfPresent(List<Throwable> list, @Nullable ExceptionGroup group) {
    if (group != null) {
      list.add(group);
    }
  }

  private @Nullable ExceptionGroup part(List<Throwable> chosen) {
    if (chosen.isEmpty()) {
      return null;
    }
    if (isAllOfThis(chosen)) {
      return this;
    }
    ExceptionGroup part = derive(chosen);
    part.setStackTrace(getStackTrace());
    if (getCause() != null && part.getCause() == null) {
      part.initCause(getCause());
    }
    extras().forEach(part::addSuppressed);
    return part;
  }

  private boolean isAllOfThis(List<Throwable> chosen) {
    if (chosen.size() != members.length) {
      return false;
    }
    for (int i = 0; i < members.length; i++) {
      if (chosen.get(i) != members[i]) {
        return false;
      }
    }
    return true;
  }

  /** What was suppressed besides the members, such as a failing {@code close}. */
  List<Throwable> extras() {
    Set<Throwable> own = Collections.newSetFromMap(new IdentityHashMap<>());
    Collections.addAll(own, members);
    List<Throwable> extras = new ArrayList<>(List.of(getSuppressed()));
    extras.removeIf(own::contains);
    return extras;
  }

  /**
   * Handles the leaves of one type and throws the rest; returns normally if nothing is left.
   *
   * <p>If the handler throws the group that it was given, that part counts as not handled. Anything
   * else that it throws comes out in a new group, with the rest behind it. A {@link
   * CancelledError}, {@link KeyboardInterrupt} or {@link SystemExit} thrown by the handler comes
   * out bare and at once, with the rest attached as suppressed.
   *
   * <p><b>Source:</b> CPython 3.14, {@code except*}. <b>Differs:</b> those three come out bare.
   *
   * @param type the type of the leaves to handle
   * @param handler called once with all leaves of the type, in the shape of this group; not called
   *     if there are none
   * @param <X> the type of the leaves to handle
   * @throws IllegalArgumentException if the type is a type of group; look at {@link #exceptions()}
   *     for that
   * @throws ExceptionGroup what was not handled and what the handler threw
   */
  public <X extends Throwable> void handle(
      Class<X> type, Consumer<? super ExceptionGroup> handler) {
    handle(clauses -> clauses.on(type, handler));
  }

  /**
   * Handles the leaves of several types, one after the other, and throws the rest; returns normally
   * if nothing is left. Each leaf goes to the first clause that takes it.
   *
   * {@snippet :
   * failures.handle(clauses -> clauses
   *     .on(TimeoutException.class, late -> log("late", late))
   *     .on(IOException.class, broken -> log("broken", broken)));
   * }
   *
   * <p>What handlers throw is treated as by {@link #handle(Class, Consumer)}; later clauses still
   * run.
   *
   * @param clauses names the types and their handlers
   * @throws ExceptionGroup what was not handled and what the handlers threw
   */
  public void handle(Consumer<? super Clauses> clauses) {
    Clauses handling = new Clauses(this);
    clauses.accept(handling);
    handling.throwUnhandled();
  }

  /** Prints the trace of the group, with that of each member indented under it. */
  @Override
  public void printStackTrace(PrintStream stream) {
    stream.print(GroupTrace.of(this));
  }

  /** Prints the trace of the group, with that of each member indented under it. */
  @Override
  public void printStackTrace(PrintWriter writer) {
    writer.print(GroupTrace.of(this));
  }

  /**
   * The two parts of a group.
   *
   * @param matching the leaves that met the condition, or null if none did
   * @param rest the other leaves, or null if all met it
   */
  public record Split(@Nullable ExceptionGroup matching, @Nullable ExceptionGroup rest) {}

  /** The clauses of {@link ExceptionGroup#handle(Consumer)}. */
  public static final class Clauses {
    private final ExceptionGroup whole;
    private @Nullable ExceptionGroup rest;
    private final Set<Throwable> unhandled = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Throwable> thrown = new ArrayList<>();

    private Clauses(ExceptionGroup whole) {
      this.whole = whole;
      this.rest = whole;
    }

    /**
     * Handles, now, the leaves of a type that no clause before this one took.
     *
     * @param type the type of the leaves to handle
     * @param handler called once with all leaves of the type; not called if there are none
     * @param <X> the type of the leaves to handle
     * @return this, for the next clause
     * @throws IllegalArgumentException if the type is a type of group
     */
    public <X extends Throwable> Clauses on(
        Class<X> type, Consumer<? super ExceptionGroup> handler) {
      if (ExceptionGroup.class.isAssignableFrom(type)) {
        throw new IllegalArgumentException(
            "a clause for "
                + type.getSimpleName()
                + " would take no leaf, since groups are"
                + " opened first; name the type of the leaves, or use exceptions()");
      }
      Split parts = rest == null ? new Split(null, null) : rest.split(type::isInstance);
      rest = parts.rest();
      if (parts.matching() != null) {
        run(handler, parts.matching());
      }
      return this;
    }

    private void run(Consumer<? super ExceptionGroup> handler, ExceptionGroup matching) {
      try {
        handler.accept(matching);
      } catch (CancelledError | KeyboardInterrupt | SystemExit leaving) {
        if (rest != null) {
          leaving.addSuppressed(rest);
        }
        throw leaving;
      } catch (Throwable failure) { // forwarded by throwUnhandled
        if (failure == matching) {
          matching.collectLeaves(unhandled);
        } else {
          thrown.add(failure);
        }
      }
    }

    private void throwUnhandled() {
      if (rest != null) {
        rest.collectLeaves(unhandled);
      }
      ExceptionGroup left = whole.subgroup(unhandled::contains);
      if (!thrown.isEmpty()) {
        addIfPresent(thrown, left);
        throw new ExceptionGroup("", thrown);
      }
      if (left != null) {
        throw left;
      }
    }
  }

  private void collectLeaves(Set<Throwable> into) {
    for (Throwable member : members) {
      if (member instanceof ExceptionGroup group) {
        group.collectLeaves(into);
      } else {
        into.add(member);
      }
    }
  }
}

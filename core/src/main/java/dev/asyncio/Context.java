package dev.asyncio;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The values of context variables that a task, a callback or a piece of code sees.
 *
 * <p>Each task gets a copy of its creator's context, each callback runs in the context that was
 * current when it was scheduled. Code that runs outside a loop has a context for each thread.
 *
 * <p><b>Cost:</b> copying is O(1); setting a variable copies the (short) list of variables.
 *
 * <p><b>Threads:</b> a context is used by one thread at a time.
 *
 * <p><b>Source:</b> CPython 3.14, {@code contextvars.Context}.
 */
public final class Context implements Iterable<ContextVar<?>> {

  private static final ThreadLocal<@Nullable Object> OUTSIDE_LOOPS = new ThreadLocal<>();

  Vars vars;
  private boolean entered;

  /** An empty context. */
  public Context() {
    this(Vars.NONE);
  }

  Context(Vars vars) {
    this.vars = vars;
  }

  /**
   * A copy of the current context. Later changes on either side are not seen on the other.
   *
   * <p><b>Cost:</b> O(1).
   */
  public static Context copyContext() {
    return new Context(copied());
  }

  /** What a copy of the current context holds: its variables, and the values of the bridges. */
  static Vars copied() {
    Vars vars = snapshot();
    return ContextBridge.none() ? vars : ContextBridge.copied(vars);
  }

  /** What the current context holds now. */
  static Vars snapshot() {
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    return varsOf(loop != null ? loop.now.scope() : OUTSIDE_LOOPS.get());
  }

  /** What a context holds, or the snapshot that stands for one. */
  static Vars varsOf(@Nullable Object scope) {
    if (scope instanceof Context context) {
      return context.vars;
    }
    return scope instanceof Vars vars ? vars : Vars.NONE;
  }

  /** The current context, made now if only a snapshot stood for it. */
  static Context current() {
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    Object scope = loop != null ? loop.now.scope() : OUTSIDE_LOOPS.get();
    if (scope instanceof Context context) {
      return context;
    }
    var context = new Context(scope instanceof Vars vars ? vars : Vars.NONE);
    if (loop != null && loop.now.task != null) {
      loop.now.task.contextMade(scope, context);
    }
    if (loop == null || loop.now.scope() != context) {
      enter(loop, context);
    }
    return context;
  }

  private static @Nullable Object enter(
      @Nullable AbstractEventLoop loop, @Nullable Object context) {
    Object previous;
    if (loop != null) {
      previous = loop.now.innerScope;
      loop.now.innerScope = context;
    } else {
      previous = OUTSIDE_LOOPS.get();
      OUTSIDE_LOOPS.set(context);
    }
    return previous;
  }

  /**
   * Runs {@code callable} with this context current; what it sets stays in this context. The
   * callable may await.
   *
   * @throws IllegalStateException if this context is entered already
   */
  public <T extends @Nullable Object> T run(Callable<T> callable) {
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    if (entered || this == (loop != null ? loop.now.scope() : OUTSIDE_LOOPS.get())) {
      throw new IllegalStateException(
          "cannot enter context: " + this + " is already entered; run in a copy() of it");
    }
    Object previous = enter(loop, this);
    entered = true;
    try {
      return ContextBridge.none() ? callable.call() : ContextBridge.call(vars, callable);
    } catch (Exception e) {
      throw Errors.unchecked(e);
    } finally {
      entered = false;
      enter(loop, previous);
    }
  }

  /** Runs {@code action} with this context current, and as things are if it is entered already. */
  void runUnlessEntered(Runnable action) {
    AbstractEventLoop loop = AbstractEventLoop.runningOrNull();
    if (entered || this == (loop != null ? loop.now.scope() : OUTSIDE_LOOPS.get())) {
      action.run();
    } else {
      run(Executors.callable(action));
    }
  }

  /** A copy of this context, in O(1). */
  public Context copy() {
    return new Context(vars);
  }

  /** The value of {@code var} in this context, or null. */
  public <T> @Nullable T get(ContextVar<T> var) {
    int index = vars.indexOf(var);
    return index < 0 ? null : var.cast(vars.value(index));
  }

  /** The value of {@code var} in this context, or {@code otherwise} if it is not set here. */
  public <T> T get(ContextVar<T> var, T otherwise) {
    int index = vars.indexOf(var);
    return index < 0 ? otherwise : var.cast(vars.value(index));
  }

  /**
   * The value of {@code var} in this context.
   *
   * @throws NoSuchElementException if it is not set here
   */
  public <T> T getOrThrow(ContextVar<T> var) {
    int index = vars.indexOf(var);
    if (index < 0) {
      throw new NoSuchElementException(var + " has no value in " + this);
    }
    return var.cast(vars.value(index));
  }

  /** Whether {@code var} is set in this context. */
  public boolean contains(ContextVar<?> var) {
    return vars.indexOf(var) >= 0;
  }

  /** How many variables are set in this context. */
  public int size() {
    return vars.size();
  }

  /** The variables that are set in this context. */
  public List<ContextVar<?>> keys() {
    List<ContextVar<?>> keys = new ArrayList<>();
    for (int i = 0; i < vars.size(); i++) {
      keys.add(vars.var(i));
    }
    return keys;
  }

  /** Their values, in the same order. */
  public List<@Nullable Object> values() {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < vars.size(); i++) {
      values.add(vars.value(i));
    }
    return values;
  }

  /** Variables with their values. */
  public List<Map.Entry<ContextVar<?>, @Nullable Object>> items() {
    List<Map.Entry<ContextVar<?>, @Nullable Object>> items = new ArrayList<>();
    for (int i = 0; i < vars.size(); i++) {
      items.add(new java.util.AbstractMap.SimpleImmutableEntry<>(vars.var(i), vars.value(i)));
    }
    return items;
  }

  @Override
  public Iterator<ContextVar<?>> iterator() {
    return keys().iterator();
  }

  @Override
  public String toString() {
    return "<Context " + items() + ">";
  }
}

package dev.asyncio;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has a thread-local of another library follow the program through tasks, callbacks and threads, as
 * a {@link ContextVar} does by itself: a logger's diagnostic context, a transaction, a locale.
 *
 * <pre>{@code
 * ContextBridge.register("mdc", MDC::getCopyOfContextMap,
 *     map -> MDC.setContextMap(map == null ? Map.of() : map));
 * }</pre>
 *
 * <p>Every task keeps its thread-locals across its awaits anyhow, on both engines, since it has a
 * thread of its own while it lives. What a bridge adds: a value is <em>copied</em> where a context
 * is (when a task or a callback is made, by {@link Context#copyContext} and {@link
 * Asyncio#toThread}) and is there where that context is entered (when the task starts, around the
 * callback, in {@link Context#run}); afterwards the thread has what it had before. Changes are not
 * copied back, with one exception: the body of an {@link AsyncGenerator} shares the values with the
 * task that iterates it. A {@link ScopedValue} is copied and bound likewise; the body of a
 * generator has those of the task that asked for its first item.
 *
 * <p>In a {@link Context} the value shows as a variable, under the name of the bridge if it has
 * one.
 *
 * <p><b>Order and cost:</b> nothing while none is registered; else one read and one write for each
 * task and each callback.
 *
 * <p><b>Threads:</b> any. It holds for all loops, from its registration until it is closed.
 *
 * <p><b>Source:</b> CPython needs none of this: its context variables are what thread-locals would
 * be.
 */
public abstract sealed class ContextBridge implements AutoCloseable {

  private static volatile ContextBridge[] registered = {};

  private final ContextVar<@Nullable Object> var;

  private ContextBridge(String name) {
    this.var = new ContextVar<>(Objects.requireNonNull(name, "name"));
  }

  // ---- registering

  /** Has {@code local} follow. Where it had no value it is removed. */
  public static <T> ContextBridge register(ThreadLocal<T> local) {
    return register(
        "thread-local",
        local::get,
        value -> {
          if (value == null) {
            local.remove();
          } else {
            local.set(value);
          }
        });
  }

  /**
   * Has what {@code read} gives follow.
   *
   * @param name how the value shows in a context
   * @param read gives the current thread's value, or null; what it gives must not change later
   * @param write makes a value the current thread's; null for none. Neither may throw.
   */
  public static <T> ContextBridge register(
      String name, Supplier<? extends @Nullable T> read, Consumer<? super @Nullable T> write) {
    return registered(new OfThread<T>(name, read, write));
  }

  /** Has the binding of {@code value} follow. Where it was unbound, a binding outside shows. */
  public static <T> ContextBridge register(ScopedValue<T> value) {
    return registered(new OfScope<>(value));
  }

  private static synchronized ContextBridge registered(ContextBridge bridge) {
    ContextBridge[] grown = Arrays.copyOf(registered, registered.length + 1);
    grown[grown.length - 1] = bridge;
    registered = grown;
    return bridge;
  }

  /** Ends it; contexts that have been copied no longer bring the value. */
  @Override
  public void close() {
    synchronized (ContextBridge.class) {
      registered =
          Arrays.stream(registered).filter(other -> other != this).toArray(ContextBridge[]::new);
    }
  }

  // ---- what the core does with them

  static boolean none() {
    return registered.length == 0;
  }

  /** {@code vars} with the current thread's values. */
  static Vars copied(Vars vars) {
    Vars copied = vars;
    for (ContextBridge bridge : registered) {
      Object value = bridge.read();
      copied = value == null ? copied.without(bridge.var) : copied.with(bridge.var, value);
    }
    return copied;
  }

  /**
   * The current thread's values, for another stack of the same task; null if there are no bridges.
   */
  static @Nullable Vars carry() {
    return none() ? null : copied(Vars.NONE);
  }

  /** Makes what {@link #carry} gave the current thread's; bound scopes stay as they are. */
  static void install(@Nullable Vars carried) {
    if (carried != null) {
      for (ContextBridge bridge : registered) {
        bridge.write(carried.value(bridge.var));
      }
    }
  }

  /** Runs {@code body} with the values in {@code vars}, and puts back what was there before. */
  static <T extends @Nullable Object> T call(Vars vars, Callable<T> body) throws Exception {
    Vars before = copied(Vars.NONE);
    ScopedValue.@Nullable Carrier scopes = null;
    for (ContextBridge bridge : registered) {
      scopes = bridge.bind(vars.value(bridge.var), scopes);
    }
    install(vars);
    try {
      return scopes == null ? body.call() : scopes.call(body::call);
    } finally {
      install(before);
    }
  }

  abstract @Nullable Object read();

  abstract void write(@Nullable Object value);

  /** {@code outer} with a binding of {@code value} inside it. */
  abstract ScopedValue.@Nullable Carrier bind(
      @Nullable Object value, ScopedValue.@Nullable Carrier outer);

  @Override
  public String toString() {
    return "<ContextBridge " + var.name() + ">";
  }

  // ---- kinds

  private static final class OfThread<T> extends ContextBridge {
    private final Supplier<? extends @Nullable T> read;
    private final Consumer<? super @Nullable T> write;

    OfThread(
        String name, Supplier<? extends @Nullable T> read, Consumer<? super @Nullable T> write) {
      super(name);
      this.read = Objects.requireNonNull(read, "read");
      this.write = Objects.requireNonNull(write, "write");
    }

    @Override
    @Nullable Object read() {
      return read.get();
    }

    @Override
    @SuppressWarnings("unchecked") // only what read gave comes here
    void write(@Nullable Object value) {
      write.accept((T) value);
    }

    @Override
    ScopedValue.@Nullable Carrier bind(
        @Nullable Object value, ScopedValue.@Nullable Carrier outer) {
      return outer;
    }
  }

  private static final class OfScope<T> extends ContextBridge {
    private final ScopedValue<T> scoped;

    OfScope(ScopedValue<T> scoped) {
      super("scoped value");
      this.scoped = scoped;
    }

    @Override
    @Nullable Object read() {
      return scoped.isBound() ? scoped.get() : null;
    }

    @Override
    void write(@Nullable Object value) {
      // bound by bind, unbound by leaving it
    }

    @Override
    @SuppressWarnings("unchecked") // only what read gave comes here
    ScopedValue.@Nullable Carrier bind(
        @Nullable Object value, ScopedValue.@Nullable Carrier outer) {
      if (value == null) {
        return outer;
      }
      return outer == null ? ScopedValue.where(scoped, (T) value) : outer.where(scoped, (T) value);
    }
  }
}

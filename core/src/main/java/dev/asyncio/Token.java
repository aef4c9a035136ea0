package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * The receipt of a {@link ContextVar#set}; closing it restores the value before.
 *
 * <pre>{@code
 * try (var token = requestId.set("r-17")) {
 *   handle(request).await();
 * }
 * }</pre>
 *
 * <p><b>Source:</b> CPython 3.14, {@code contextvars.Token}.
 */
public final class Token<T extends @Nullable Object> implements AutoCloseable {

  /** The old value of a variable that was not set before. */
  public static final Object MISSING =
      new Object() {
        @Override
        public String toString() {
          return "<Token.MISSING>";
        }
      };

  private final ContextVar<T> var;
  private final @Nullable Object oldValue;
  final Context context;
  boolean used;

  Token(ContextVar<T> var, Context context, @Nullable Object oldValue) {
    this.var = var;
    this.context = context;
    this.oldValue = oldValue;
  }

  /** The variable. */
  public ContextVar<T> var() {
    return var;
  }

  /** Its value before, or {@link #MISSING}. */
  public @Nullable Object oldValue() {
    return oldValue;
  }

  /** Restores the value before, as {@link ContextVar#reset}. */
  @Override
  public void close() {
    var.reset(this);
  }

  @Override
  public String toString() {
    return "<Token" + (used ? " used" : "") + " var=" + var + ">";
  }
}

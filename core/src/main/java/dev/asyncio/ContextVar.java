package dev.asyncio;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A variable whose value depends on the current {@link Context}: the way to give a request id or a
 * locale to everything a task awaits, without passing it on by hand and without thread-locals.
 *
 * <p><b>Threads:</b> any.
 *
 * <p><b>Source:</b> CPython 3.14, {@code contextvars.ContextVar}.
 */
public final class ContextVar<T extends @Nullable Object> {

  private final String name;
  private final boolean hasDefault;
  private final @Nullable T defaultValue;

  /** A variable without a default: reading it unset is an error. */
  public ContextVar(String name) {
    this.name = name;
    this.hasDefault = false;
    this.defaultValue = null;
  }

  /** A variable with the value it has where none is set. */
  public ContextVar(String name, T defaultValue) {
    this.name = name;
    this.hasDefault = true;
    this.defaultValue = defaultValue;
  }

  /** The name, for messages. */
  public String name() {
    return name;
  }

  /**
   * The value in the current context, else the default.
   *
   * @throws NoSuchElementException if there is neither
   */
  public T get() {
    Vars vars = Context.snapshot();
    int index = vars.indexOf(this);
    if (index >= 0) {
      return cast(vars.value(index));
    }
    if (!hasDefault) {
      throw new NoSuchElementException(
          this + " has no value in the current context; set() it first, or use get(otherwise)");
    }
    return cast(defaultValue);
  }

  /** The value in the current context, else {@code otherwise}. */
  public T get(T otherwise) {
    Vars vars = Context.snapshot();
    int index = vars.indexOf(this);
    return index >= 0 ? cast(vars.value(index)) : otherwise;
  }

  /**
   * Sets the value in the current context.
   *
   * @return a token that restores the value before: by {@link #reset}, or by closing it
   */
  public Token<T> set(T value) {
    Context context = Context.current();
    int index = context.vars.indexOf(this);
    Object old = index >= 0 ? context.vars.value(index) : Token.MISSING;
    context.vars = context.vars.with(this, value);
    return new Token<>(this, context, old);
  }

  /**
   * Restores the value that the variable had before the {@link #set} that gave {@code token}.
   *
   * @throws IllegalStateException if the token has been used
   * @throws IllegalArgumentException if it belongs to another variable or another context
   */
  public void reset(Token<T> token) {
    if (token.used) {
      throw new IllegalStateException(token + " has already been used once");
    }
    if (token.var() != this) {
      throw new IllegalArgumentException(token + " was created by a different ContextVar: " + this);
    }
    Context context = Context.current();
    if (token.context != context) {
      throw new IllegalArgumentException(
          token + " was created in a different Context; reset it in the task that set it");
    }
    token.used = true;
    Object old = token.oldValue();
    context.vars = old == Token.MISSING ? context.vars.without(this) : context.vars.with(this, old);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // null where T allows it
  T cast(@Nullable Object value) {
    return (T) value;
  }

  @Override
  public String toString() {
    return "<ContextVar '" + name + "'>";
  }
}

package dev.asyncio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable mapping of context variables to values: what a {@link Context} holds and what tasks
 * and handles take a snapshot of by keeping the reference.
 *
 * <p>It is a flat array of pairs, since contexts hold few variables: reading one is a scan that
 * stays in a cache line or two, setting one copies the array.
 */
final class Vars {

  static final Vars NONE = new Vars(new @Nullable Object[0]);

  private final @Nullable Object[] pairs;

  private Vars(@Nullable Object[] pairs) {
    this.pairs = pairs;
  }

  int size() {
    return pairs.length / 2;
  }

  ContextVar<?> var(int index) {
    return (ContextVar<?>) java.util.Objects.requireNonNull(pairs[2 * index]);
  }

  @Nullable Object value(int index) {
    return pairs[2 * index + 1];
  }

  /** The value of {@code var}, or null. */
  @Nullable Object value(ContextVar<?> var) {
    int index = indexOf(var);
    return index < 0 ? null : value(index);
  }

  /** The position of {@code var}, or -1. */
  int indexOf(ContextVar<?> var) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == var) {
        return i / 2;
      }
    }
    return -1;
  }

  Vars with(ContextVar<?> var, @Nullable Object value) {
    int index = indexOf(var);
    @Nullable Object[] changed;
    if (index >= 0) {
      changed = pairs.clone();
    } else {
      index = size();
      changed = Arrays.copyOf(pairs, pairs.length + 2);
      changed[2 * index] = var;
    }
    changed[2 * index + 1] = value;
    return new Vars(changed);
  }

  Vars without(ContextVar<?> var) {
    int index = indexOf(var);
    if (index < 0) {
      return this;
    }
    var changed = new @Nullable Object[pairs.length - 2];
    System.arraycopy(pairs, 0, changed, 0, 2 * index);
    System.arraycopy(pairs, 2 * index + 2, changed, 2 * index, changed.length - 2 * index);
    return new Vars(changed);
  }
}

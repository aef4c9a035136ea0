package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * How a task is made.
 *
 * @param name the task's name; null for a generated one ({@code Task-N})
 * @param context the context it runs in, used as it is; null for a copy of the current one
 * @param eagerStart true to run the first step at once, inside the call that makes the task; false
 *     not to; null to leave it to the loop's task factory
 */
public record TaskOptions(
    @Nullable String name, @Nullable Context context, @Nullable Boolean eagerStart) {

  private static final TaskOptions DEFAULTS = new TaskOptions(null, null, null);

  /** A generated name, a copy of the current context, started in the next turn. */
  public static TaskOptions defaults() {
    return DEFAULTS;
  }

  /** The same with a name. */
  public TaskOptions name(@Nullable String value) {
    return new TaskOptions(value, context, eagerStart);
  }

  /** The same with a context. */
  public TaskOptions context(@Nullable Context value) {
    return new TaskOptions(name, value, eagerStart);
  }

  /** The same with or without an eager start. */
  public TaskOptions eagerStart(boolean value) {
    return new TaskOptions(name, context, value);
  }
}

package dev.asyncio.conformance;

import dev.asyncio.Future;
import dev.asyncio.Task;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as they appear in a trace. */
final class Text {

  private final Trace trace;
  private final Faults faults;

  Text(Trace trace, Faults faults) {
    this.trace = trace;
    this.faults = faults;
  }

  String of(@Nullable Object value) {
    return switch (value) {
      case Throwable exception -> faults.describe(exception);
      case List<?> list -> list.stream().map(this::of).collect(Collectors.joining(", ", "[", "]"));
      case String text -> text;
      case Task<?> task -> "<" + trace.nameOf(task) + ">";
      case Future<?> _ -> "<future>";
      case null, default -> Values.plainText(value);
    };
  }

  /** {@code LABEL}, or {@code LABEL -> VALUE} when there is a value. */
  String completed(String label, @Nullable Object value) {
    return value == null ? label : label + " -> " + of(value);
  }

  /** {@code LABEL !! EXCEPTION}. */
  String failed(String label, Throwable exception) {
    return label + " !! " + faults.describe(exception);
  }

  /** How far a future has come. */
  String stateOf(Future<?> future) {
    if (!future.done()) {
      return "pending";
    }
    if (future.cancelled()) {
      return "cancelled";
    }
    Throwable exception = future.exception();
    return exception == null ? "result " + of(future.result()) : "error " + of(exception);
  }
}

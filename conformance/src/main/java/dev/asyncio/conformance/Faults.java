package dev.asyncio.conformance;

import dev.asyncio.CancelledError;
import dev.asyncio.ExceptionGroup;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.SystemExit;
import dev.asyncio.TimeoutException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the exceptions of a program and knows which text it gave to which, because a trace shows
 * the texts of the program's own exceptions but not those of the library's.
 */
final class Faults {

  private final Map<Throwable, String> texts = new IdentityHashMap<>();

  /** A new exception that the program makes. */
  Throwable make(Kind kind, String text, List<Throwable> members) {
    Throwable made =
        switch (kind) {
          case CANCELLED_ERROR -> text.isEmpty() ? new CancelledError() : new CancelledError(text);
          case TIMEOUT_ERROR -> new TimeoutException(text);
          case SYSTEM_EXIT -> new SystemExit(text);
          case KEYBOARD_INTERRUPT -> new KeyboardInterrupt(text);
          case EXCEPTION_GROUP, BASE_EXCEPTION_GROUP -> new ExceptionGroup(text, members);
          default -> new ProgramException(kind, text);
        };
    texts.put(made, text);
    return made;
  }

  /** The exception of a name that has no value. */
  ProgramException nameError(String name) {
    var error = new ProgramException(Kind.NAME_ERROR, name);
    texts.put(error, name);
    return error;
  }

  /** An exception as traces show it. */
  String describe(Throwable exception) {
    var out = new StringBuilder(nameOf(exception));
    String text = textOf(exception);
    if (text != null && !text.isEmpty()) {
      out.append('(').append(text).append(')');
    }
    if (exception instanceof ExceptionGroup group) {
      out.append(
          group.exceptions().stream()
              .map(this::describe)
              .collect(Collectors.joining(", ", "[", "]")));
    }
    return out.toString();
  }

  /** Lets an exception pass where none is declared: {@code throw unchecked(e)}. */
  @SuppressWarnings("unchecked") // no cast happens
  static <X extends Throwable> X unchecked(Throwable exception) throws X {
    throw (X) exception;
  }

  private static String nameOf(Throwable exception) {
    Kind kind = Kind.of(exception);
    return kind == null ? exception.toString() : kind.pythonName();
  }

  /**
   * The text, also of a copy that the library made of what leaves the loop or is a cancellation.
   */
  private @Nullable String textOf(Throwable exception) {
    return switch (exception) {
      case CancelledError _, SystemExit _, KeyboardInterrupt _ -> exception.getMessage();
      default -> texts.get(exception);
    };
  }
}

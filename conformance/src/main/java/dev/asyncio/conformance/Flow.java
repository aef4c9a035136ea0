package dev.asyncio.conformance;

import org.jspecify.annotations.Nullable;

/** How a statement, or a body, ended when it did not throw. */
sealed interface Flow {

  /** The two ways that carry no value. */
  enum Plain implements Flow {
    /** The next statement is to run. */
    NEXT,
    /** The innermost loop is to be left. */
    BREAK
  }

  /** The body of the coroutine or callback is to be left with a value. */
  record Return(@Nullable Object value) implements Flow {}

  /** Short for {@link Plain#NEXT}. */
  Flow NEXT = Plain.NEXT;

  /** Short for {@link Plain#BREAK}. */
  Flow BREAK = Plain.BREAK;
}

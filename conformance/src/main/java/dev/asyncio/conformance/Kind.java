package dev.asyncio.conformance;

import dev.asyncio.BrokenBarrierException;
import dev.asyncio.CancelledError;
import dev.asyncio.ExceptionGroup;
import dev.asyncio.InvalidStateException;
import dev.asyncio.KeyboardInterrupt;
import dev.asyncio.QueueEmptyException;
import dev.asyncio.QueueFullException;
import dev.asyncio.QueueShutDownException;
import dev.asyncio.SystemExit;
import dev.asyncio.TimeoutException;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The kinds of exceptions that programs know, with Python's names and Python's hierarchy. */
enum Kind {
  BASE_EXCEPTION("BaseException", null),
  CANCELLED_ERROR("CancelledError", BASE_EXCEPTION),
  SYSTEM_EXIT("SystemExit", BASE_EXCEPTION),
  KEYBOARD_INTERRUPT("KeyboardInterrupt", BASE_EXCEPTION),
  BASE_EXCEPTION_GROUP("BaseExceptionGroup", BASE_EXCEPTION),
  EXCEPTION("Exception", BASE_EXCEPTION),
  VALUE_ERROR("ValueError", EXCEPTION),
  TYPE_ERROR("TypeError", EXCEPTION),
  NAME_ERROR("NameError", EXCEPTION),
  TIMEOUT_ERROR("TimeoutError", EXCEPTION),
  INVALID_STATE_ERROR("InvalidStateError", EXCEPTION),
  LOOKUP_ERROR("LookupError", EXCEPTION),
  KEY_ERROR("KeyError", LOOKUP_ERROR),
  RUNTIME_ERROR("RuntimeError", EXCEPTION),
  BROKEN_BARRIER_ERROR("BrokenBarrierError", RUNTIME_ERROR),
  QUEUE_EMPTY("QueueEmpty", EXCEPTION),
  QUEUE_FULL("QueueFull", EXCEPTION),
  QUEUE_SHUT_DOWN("QueueShutDown", EXCEPTION),
  EXCEPTION_GROUP("ExceptionGroup", EXCEPTION, BASE_EXCEPTION_GROUP);

  private static final Map<String, Kind> BY_NAME = new HashMap<>();

  static {
    for (Kind kind : values()) {
      BY_NAME.put(kind.pythonName, kind);
    }
  }

  private final String pythonName;
  private final @Nullable Kind base;
  private final @Nullable Kind secondBase;

  Kind(String pythonName, @Nullable Kind base) {
    this(pythonName, base, null);
  }

  Kind(String pythonName, @Nullable Kind base, @Nullable Kind secondBase) {
    this.pythonName = pythonName;
    this.base = base;
    this.secondBase = secondBase;
  }

  String pythonName() {
    return pythonName;
  }

  /** The kind of that name. */
  static Kind named(String pythonName) {
    Kind kind = BY_NAME.get(pythonName);
    if (kind == null) {
      throw new BadProgram("no kind of exception is called " + pythonName);
    }
    return kind;
  }

  /** The kind of an exception, or null when it is of no kind that programs know. */
  static @Nullable Kind of(Throwable exception) {
    return switch (exception) {
      case ProgramException own -> own.kind();
      case CancelledError _ -> CANCELLED_ERROR;
      case SystemExit _ -> SYSTEM_EXIT;
      case KeyboardInterrupt _ -> KEYBOARD_INTERRUPT;
      case ExceptionGroup group -> ofGroup(group);
      case TimeoutException _ -> TIMEOUT_ERROR;
      case InvalidStateException _ -> INVALID_STATE_ERROR;
      case BrokenBarrierException _ -> BROKEN_BARRIER_ERROR;
      case QueueEmptyException _ -> QUEUE_EMPTY;
      case QueueFullException _ -> QUEUE_FULL;
      case QueueShutDownException _ -> QUEUE_SHUT_DOWN;
      case IllegalStateException _ -> RUNTIME_ERROR;
      case IllegalArgumentException _ -> VALUE_ERROR;
      case NoSuchElementException _ -> LOOKUP_ERROR;
      default -> null;
    };
  }

  /** Whether this is the other kind or a subclass of it. */
  boolean isA(Kind other) {
    return this == other
        || (base != null && base.isA(other))
        || (secondBase != null && secondBase.isA(other));
  }

  private static Kind ofGroup(ExceptionGroup group) {
    for (Throwable member : group.exceptions()) {
      Kind kind = of(member);
      if (kind == null || !kind.isA(EXCEPTION)) {
        return BASE_EXCEPTION_GROUP;
      }
    }
    return EXCEPTION_GROUP;
  }
}

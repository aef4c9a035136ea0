package dev.asyncio.conformance;

import dev.asyncio.Awaitable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One execution of a body: its own variables, and what it sees of the case. */
final class Activation {

  private final Globals globals;
  private final Map<String, @Nullable Object> own;

  Activation(Globals globals, Map<String, @Nullable Object> parameters) {
    this.globals = globals;
    this.own = parameters;
  }

  /** The value of a name; a NameError when it has none. */
  @Nullable Object get(String name) {
    if (name.equals("self")) {
      return Trace.currentTask();
    }
    return own.containsKey(name) ? own.get(name) : globals.get(name);
  }

  /** The value of a name that must be of a certain class, or else the program is wrong. */
  <T> T get(String name, Class<T> type) {
    Object value = get(name);
    if (!type.isInstance(value)) {
      throw new BadProgram(name + " is no " + type.getSimpleName());
    }
    return type.cast(value);
  }

  /** The awaitable of a name; anything else is a TypeError, as in Python. */
  Awaitable<?> awaitable(String name) {
    if (get(name) instanceof Awaitable<?> awaitable) {
      return awaitable;
    }
    throw new ProgramException(Kind.TYPE_ERROR, name + " cannot be awaited");
  }

  /** Assigns a shared variable where the program declares it so, else one of this execution. */
  void set(String name, @Nullable Object value) {
    if (!globals.setShared(name, value)) {
      own.put(name, value);
    }
  }
}

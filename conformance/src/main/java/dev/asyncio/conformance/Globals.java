package dev.asyncio.conformance;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Barrier;
import dev.asyncio.BoundedSemaphore;
import dev.asyncio.Condition;
import dev.asyncio.ContextVar;
import dev.asyncio.Event;
import dev.asyncio.LifoQueue;
import dev.asyncio.Lock;
import dev.asyncio.PriorityQueue;
import dev.asyncio.Queue;
import dev.asyncio.Semaphore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all bodies of a program see: its objects and its shared variables. */
final class Globals {

  private final Program program;
  private final Faults faults;
  private final Map<String, Object> objects = new HashMap<>();
  private final Map<String, @Nullable Object> shared = new HashMap<>();
  private boolean made;

  Globals(Program program, Faults faults) {
    this.program = program;
    this.faults = faults;
  }

  @Nullable Object get(String name) {
    if (shared.containsKey(name)) {
      return shared.get(name);
    }
    Object found = objects.get(name);
    if (found == null) {
      throw faults.nameError(name);
    }
    return found;
  }

  /** Assigns a shared variable; false when the name is not declared as one. */
  boolean setShared(String name, @Nullable Object value) {
    if (objects.containsKey(name)) {
      throw new BadProgram("assignment to the object " + name);
    }
    boolean declared = program.shared().contains(name);
    if (declared) {
      shared.put(name, value);
    }
    return declared;
  }

  /** Makes the program's objects, in the order given, when the first run begins. */
  void makeObjects(AbstractEventLoop loop) {
    if (!made) {
      made = true;
      program.objects().forEach((name, spec) -> objects.put(name, make(name, spec, loop)));
    }
  }

  Collection<Object> objects() {
    return objects.values();
  }

  private Object make(String name, Term.Call spec, AbstractEventLoop loop) {
    return switch (spec.op()) {
      case "Lock" -> new Lock();
      case "Event" -> new Event();
      case "Condition" -> spec.size() == 0 ? new Condition() : new Condition(lock(spec.name(0)));
      case "Semaphore" -> new Semaphore(integer(spec));
      case "BoundedSemaphore" -> new BoundedSemaphore(integer(spec));
      case "Barrier" -> new Barrier(integer(spec));
      case "Queue" -> spec.size() == 0 ? new Queue<>() : new Queue<>(integer(spec));
      case "LifoQueue" -> spec.size() == 0 ? new LifoQueue<>() : new LifoQueue<>(integer(spec));
      case "PriorityQueue" ->
          spec.size() == 0 ? new PriorityQueue<Double>() : new PriorityQueue<Double>(integer(spec));
      case "Future" -> loop.createFuture();
      case "ContextVar" ->
          spec.size() == 0 ? new ContextVar<>(name) : new ContextVar<>(name, literal(spec.arg(0)));
      default -> throw new BadProgram("no object is of kind " + spec.op());
    };
  }

  private Lock lock(String name) {
    if (objects.get(name) instanceof Lock lock) {
      return lock;
    }
    throw new BadProgram(name + " is no Lock");
  }

  private static int integer(Term.Call spec) {
    return Values.integer(literal(spec.arg(0)));
  }

  private static @Nullable Object literal(Term term) {
    if (term instanceof Term.Literal(var value)) {
      return value;
    }
    throw new BadProgram("a constant is needed, not " + Labels.of(term));
  }
}

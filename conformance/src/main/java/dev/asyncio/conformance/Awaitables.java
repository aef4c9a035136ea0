package dev.asyncio.conformance;

import dev.asyncio.Asyncio;
import dev.asyncio.Awaitable;
import dev.asyncio.Barrier;
import dev.asyncio.Condition;
import dev.asyncio.Coroutine;
import dev.asyncio.Event;
import dev.asyncio.Lock;
import dev.asyncio.Queue;
import dev.asyncio.Semaphore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the awaitables that statements name, inner ones first, from left to right. */
final class Awaitables {

  private final Program program;
  private final Expressions expressions;
  private final Interpreter interpreter;

  Awaitables(Program program, Expressions expressions, Interpreter interpreter) {
    this.program = program;
    this.expressions = expressions;
    this.interpreter = interpreter;
  }

  List<Awaitable<?>> makeAll(List<Term> terms, Activation self) {
    var made = new ArrayList<Awaitable<?>>(terms.size());
    for (Term term : terms) {
      made.add(make(term, self));
    }
    return made;
  }

  Awaitable<?> make(Term term, Activation self) {
    return switch (term) {
      case Term.Name(var name) -> self.awaitable(name);
      case Term.Call call when program.coros().containsKey(call.op()) ->
          interpreter.coroutine(call.op(), expressions.evaluateAll(call.args(), self));
      case Term.Call call -> operation(call, self);
      case Term.Literal _, Term.Sequence _ ->
          throw new BadProgram("no awaitable: " + Labels.of(term));
    };
  }

  /** A coroutine, for a new task; anything else is a TypeError, as in Python. */
  Coroutine<?> makeCoroutine(Term term, Activation self) {
    if (make(term, self) instanceof Coroutine<?> coroutine) {
      return coroutine;
    }
    throw new ProgramException(Kind.TYPE_ERROR, "a coroutine is needed");
  }

  private Awaitable<?> operation(Term.Call call, Activation self) {
    return switch (call.op()) {
      case "sleep" -> sleep(call, self);
      case "gather" -> gather(call, self);
      case "shield" -> Asyncio.shield(make(call.arg(0), self));
      case "wait_for" -> {
        Awaitable<?> inner = make(call.arg(0), self);
        yield Asyncio.waitFor(inner, duration(call.arg(1), self));
      }
      case "acquire" -> acquire(call.name(0), self);
      case "event_wait" -> self.get(call.name(0), Event.class).waitFor();
      case "cond_wait" -> self.get(call.name(0), Condition.class).waitFor();
      case "cond_wait_for" -> waitForCondition(call, self);
      case "barrier_wait" -> self.get(call.name(0), Barrier.class).waitFor();
      case "barrier_reset" -> self.get(call.name(0), Barrier.class).reset();
      case "barrier_abort" -> self.get(call.name(0), Barrier.class).abort();
      case "put" -> put(call, self);
      case "get" -> queue(call, self).get();
      case "join" -> queue(call, self).join();
      default -> throw new BadProgram("no awaitable: " + call.op());
    };
  }

  private Awaitable<?> sleep(Term.Call call, Activation self) {
    Duration delay = Values.duration(expressions.evaluate(call.arg(0), self));
    Term result = call.option("result");
    return result == null
        ? Asyncio.sleep(delay)
        : Asyncio.<@Nullable Object>sleep(delay, expressions.evaluate(result, self));
  }

  private Awaitable<?> gather(Term.Call call, Activation self) {
    List<Awaitable<?>> children = makeAll(call.args(), self);
    return call.isSet("return_exceptions")
        ? Asyncio.gatherReturningExceptions(children)
        : Asyncio.gather(children);
  }

  private Awaitable<?> acquire(String name, Activation self) {
    return switch (self.get(name)) {
      case Lock lock -> lock.acquire();
      case Semaphore semaphore -> semaphore.acquire();
      case Condition condition -> condition.acquire();
      case null, default -> throw new BadProgram(name + " cannot be acquired");
    };
  }

  /** Waits until the expression is true in Python's sense; its value then is the result. */
  private Awaitable<?> waitForCondition(Term.Call call, Activation self) {
    Condition condition = self.get(call.name(0), Condition.class);
    return condition.waitFor(() -> {
      Object value = expressions.evaluate(call.arg(1), self);
      return Values.isTrue(value) ? value : null;
    });
  }

  private Awaitable<?> put(Term.Call call, Activation self) {
    Queue<@Nullable Object> queue = queue(call, self);
    return queue.put(expressions.evaluate(call.arg(1), self));
  }

  private @Nullable Duration duration(Term term, Activation self) {
    return Values.durationOrNull(expressions.evaluate(term, self));
  }

  @SuppressWarnings("unchecked") // programs put numbers alone into queues
  static Queue<@Nullable Object> queue(Term.Call call, Activation self) {
    return (Queue<@Nullable Object>) self.get(call.name(0), Queue.class);
  }
}

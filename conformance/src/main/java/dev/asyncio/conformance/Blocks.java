package dev.asyncio.conformance;

import dev.asyncio.AsCompleted;
import dev.asyncio.Asyncio;
import dev.asyncio.Awaitable;
import dev.asyncio.Barrier;
import dev.asyncio.Condition;
import dev.asyncio.Lock;
import dev.asyncio.Semaphore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the statements that contain others. */
final class Blocks {

  private final Interpreter interpreter;
  private final Statements statements;
  private final Trace trace;
  private final Expressions expressions;

  Blocks(Interpreter interpreter, Statements statements) {
    this.interpreter = interpreter;
    this.statements = statements;
    this.trace = interpreter.trace();
    this.expressions = interpreter.expressions();
  }

  static boolean isBlock(String op) {
    return switch (op) {
      case "if", "while", "for", "break", "try" -> true;
      case "with", "timeout", "timeout_at", "taskgroup", "as_completed" -> true;
      default -> false;
    };
  }

  Flow run(Term.Call block, Activation self) {
    return switch (block.op()) {
      case "if" -> runIf(block, self);
      case "while" -> runWhile(block, self);
      case "for" -> runFor(block, self);
      case "break" -> Flow.BREAK;
      case "try" -> runTry(block, self);
      case "as_completed" -> runAsCompleted(block, self);
      default -> runScope(block, self);
    };
  }

  private Flow runIf(Term.Call block, Activation self) {
    if (expressions.isTrue(block.arg(0), self)) {
      return statements.runAll(block.arg(1), self);
    }
    return block.size() > 2 ? statements.runAll(block.arg(2), self) : Flow.NEXT;
  }

  private Flow runWhile(Term.Call block, Activation self) {
    while (expressions.isTrue(block.arg(0), self)) {
      trace.step();
      Flow flow = statements.runAll(block.arg(1), self);
      if (flow != Flow.NEXT) {
        return afterLoop(flow);
      }
    }
    return Flow.NEXT;
  }

  private Flow runFor(Term.Call block, Activation self) {
    int count = Values.integer(expressions.evaluate(block.arg(1), self));
    for (int i = 0; i < count; i++) {
      trace.step();
      self.set(block.name(0), (double) i);
      Flow flow = statements.runAll(block.arg(2), self);
      if (flow != Flow.NEXT) {
        return afterLoop(flow);
      }
    }
    return Flow.NEXT;
  }

  /** A break has done its work once its loop is left. */
  private static Flow afterLoop(Flow flow) {
    return flow == Flow.BREAK ? Flow.NEXT : flow;
  }

  private Flow runTry(Term.Call block, Activation self) {
    var handlers = new ArrayList<Term.Call>();
    Term otherwise = null;
    Term last = null;
    for (Term clause : block.argsFrom(1)) {
      switch (clause) {
        case Term.Call call when call.op().equals("except") -> handlers.add(call);
        case Term.Call call when call.op().equals("else") -> otherwise = call.arg(0);
        case Term.Call call when call.op().equals("finally") -> last = call.arg(0);
        default -> throw new BadProgram("no clause of a try: " + Labels.of(clause));
      }
    }
    if (last == null) {
      return runTryExcept(block.arg(0), handlers, otherwise, self);
    }
    try {
      return runTryExcept(block.arg(0), handlers, otherwise, self);
    } finally {
      runFinally(last, self);
    }
  }

  private Flow runTryExcept(
      Term body, List<Term.Call> handlers, @Nullable Term otherwise, Activation self) {
    Flow flow;
    try {
      flow = statements.runAll(body, self);
    } catch (CaseAborted e) {
      throw e;
    } catch (Throwable e) {
      for (Term.Call handler : handlers) {
        if (catches(handler.arg(0), e)) {
          return handle(handler, e, self);
        }
      }
      throw e;
    }
    return flow == Flow.NEXT && otherwise != null ? statements.runAll(otherwise, self) : flow;
  }

  private static boolean catches(Term kinds, Throwable exception) {
    Kind thrown = Kind.of(exception);
    List<Term> names = kinds instanceof Term.Name ? List.of(kinds) : kinds.items();
    return thrown != null && names.stream().anyMatch(n -> thrown.isA(Kind.named(n.asText())));
  }

  private Flow handle(Term.Call handler, Throwable exception, Activation self) {
    trace.emit("caught " + interpreter.text().of(exception));
    String variable = handler.nameOrNull(1);
    if (variable != null) {
      self.set(variable, exception);
    }
    return statements.runAll(handler.arg(2), self);
  }

  private void runFinally(Term body, Activation self) {
    if (statements.runAll(body, self) != Flow.NEXT) {
      throw new BadProgram("a finally clause is left by return or break");
    }
  }

  /** A block that is entered and left: the lines say so, or what exception came out of it. */
  private Flow runScope(Term.Call block, Activation self) {
    Flow flow = statements.reporting(block, () -> enterAndLeave(block, self));
    trace.emit(Labels.of(block) + " exited");
    return flow;
  }

  private Flow enterAndLeave(Term.Call block, Activation self) {
    return switch (block.op()) {
      case "with" -> runWith(block, self);
      case "timeout" ->
          Asyncio.timeout(
              duration(block.arg(1), self),
              scope -> {
                return runNamed(block, scope, block.arg(2), self);
              });
      case "timeout_at" ->
          Asyncio.timeoutAt(
              duration(block.arg(1), self),
              scope -> {
                return runNamed(block, scope, block.arg(2), self);
              });
      case "taskgroup" ->
          Asyncio.taskGroup(group -> {
            return runNamed(block, group, block.arg(1), self);
          });
      default -> throw new BadProgram("no statement: " + block.op());
    };
  }

  private Flow runNamed(Term.Call block, Object scope, Term body, Activation self) {
    self.set(block.name(0), scope);
    return runEntered(block, body, self);
  }

  private Flow runEntered(Term.Call block, Term body, Activation self) {
    trace.emit(Labels.of(block) + " entered");
    return statements.runAll(body, self);
  }

  /**
   * Holds a lock, or waits at a barrier, for the time of a body. What releasing throws replaces
   * what the body threw, as in Python, so this is no try-with-resources.
   */
  private Flow runWith(Term.Call block, Activation self) {
    Runnable leave = enter(block.name(0), self);
    try {
      return runEntered(block, block.arg(1), self);
    } finally {
      leave.run();
    }
  }

  private static Runnable enter(String name, Activation self) {
    return switch (self.get(name)) {
      case Lock lock -> lock.hold().await()::close;
      case Semaphore semaphore -> semaphore.hold().await()::close;
      case Condition condition -> condition.hold().await()::close;
      case Barrier barrier -> {
        barrier.waitFor().await();
        yield () -> {};
      }
      case null, default -> throw new BadProgram(name + " cannot be entered");
    };
  }

  private Flow runAsCompleted(Term.Call block, Activation self) {
    Flow flow = statements.reporting(block, () -> iterate(block, self));
    trace.emit(Labels.of(block) + " exited");
    return afterLoop(flow);
  }

  private Flow iterate(Term.Call block, Activation self) {
    List<Awaitable<?>> given = interpreter.awaitables().makeAll(block.arg(1).items(), self);
    Term limit = block.option("timeout");
    AsCompleted<?> completed =
        Asyncio.asCompleted(given, limit == null ? null : duration(limit, self));
    boolean plain = block.isSet("plain");
    for (Awaitable<?> next : plain ? completed.plain() : completed) {
      self.set(block.name(0), next);
      String line = "next(" + block.name(0) + ")";
      trace.emit(plain ? line : interpreter.text().completed(line, next));
      Flow flow = statements.runAll(block.arg(2), self);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private @Nullable Duration duration(Term term, Activation self) {
    return Values.durationOrNull(expressions.evaluate(term, self));
  }
}

package dev.asyncio.conformance;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Task;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs the coroutines and callbacks of one program over the library's public API. */
final class Interpreter {

  private final Program program;
  private final AbstractEventLoop loop;
  private final Trace trace;
  private final Faults faults = new Faults();
  private final Text text;
  private final Globals globals;
  private final Expressions expressions;
  private final Awaitables awaitables;
  private final Statements statements;
  private final Map<String, Callback> callbacks = new HashMap<>();

  Interpreter(Program program, AbstractEventLoop loop) {
    this.program = program;
    this.loop = loop;
    this.trace = new Trace(loop);
    this.text = new Text(trace, faults);
    this.globals = new Globals(program, faults);
    this.expressions = new Expressions(faults, new Queries(trace));
    this.awaitables = new Awaitables(program, expressions, this);
    this.statements = new Statements(this);
    program
        .callbacks()
        .forEach((name, procedure) -> callbacks.put(name, new Callback(procedure, this)));
  }

  AbstractEventLoop loop() {
    return loop;
  }

  Trace trace() {
    return trace;
  }

  Text text() {
    return text;
  }

  /** The objects that the program has made. */
  Collection<Object> objects() {
    return globals.objects();
  }

  Expressions expressions() {
    return expressions;
  }

  Awaitables awaitables() {
    return awaitables;
  }

  Callback callback(String name) {
    Callback found = callbacks.get(name);
    if (found == null) {
      throw new BadProgram("there is no callback " + name);
    }
    return found;
  }

  /** What a run's task does: the coroutine of that name, after the objects have been made. */
  Coroutine<@Nullable Object> root(String name) {
    return Coroutine.of(() -> {
      Task<?> task = Objects.requireNonNull(Asyncio.currentTask());
      trace.firstTask(task);
      task.setName(name);
      globals.makeObjects(loop);
      return coroutine(name, List.of()).await();
    });
  }

  /** A new coroutine object for a call of a coroutine function. */
  Coroutine<@Nullable Object> coroutine(String name, List<@Nullable Object> args) {
    Program.Procedure procedure = program.coro(name);
    Activation activation = activate(procedure, args);
    return Coroutine.of(() -> run(procedure, activation));
  }

  /** Calls a function and gives what it returns. */
  @Nullable Object run(Program.Procedure procedure, List<@Nullable Object> args) {
    return run(procedure, activate(procedure, args));
  }

  private @Nullable Object run(Program.Procedure procedure, Activation activation) {
    return statements.runAll(procedure.body(), activation) instanceof Flow.Return(var value)
        ? value
        : null;
  }

  private Activation activate(Program.Procedure procedure, List<@Nullable Object> args) {
    List<String> parameters = procedure.parameters();
    if (parameters.size() != args.size()) {
      throw new BadProgram(procedure.name() + " takes " + parameters.size() + " arguments");
    }
    var own = new HashMap<String, @Nullable Object>();
    for (int i = 0; i < args.size(); i++) {
      own.put(parameters.get(i), args.get(i));
    }
    return new Activation(globals, own);
  }

  /**
   * The loop's exception handler: one line for each report, whatever depends on garbage left out.
   */
  void report(ExceptionContext context) {
    String message = context.message();
    if (message.endsWith("was never retrieved") || message.contains("was destroyed")) {
      return;
    }
    String why;
    if (message.startsWith("Exception in callback")) {
      why = "callback";
    } else if (message.startsWith("unhandled exception during")) {
      why = "shutdown";
    } else if (message.endsWith("exception in shielded future")) {
      why = "shield";
    } else if (message.contains("has errored out but its parent")) {
      why = "taskgroup";
    } else {
      why = "other";
    }
    trace.emit("handler " + why + " " + text.of(context.exception()));
  }
}

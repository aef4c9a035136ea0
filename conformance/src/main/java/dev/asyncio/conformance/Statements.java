package dev.asyncio.conformance;

import dev.asyncio.Asyncio;
import dev.asyncio.Awaitable;
import dev.asyncio.Future;
import dev.asyncio.ReturnWhen;
import dev.asyncio.WaitResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs bodies, and the statements that emit a line when they have completed. */
final class Statements {

  private final Trace trace;
  private final Text text;
  private final Expressions expressions;
  private final Awaitables awaitables;
  private final Queries queries;
  private final TaskOperations tasks;
  private final LoopOperations loops;
  private final SyncOperations syncs;
  private final Blocks blocks;

  Statements(Interpreter interpreter) {
    this.trace = interpreter.trace();
    this.text = interpreter.text();
    this.expressions = interpreter.expressions();
    this.awaitables = interpreter.awaitables();
    this.queries = new Queries(trace);
    this.tasks = new TaskOperations(interpreter);
    this.loops = new LoopOperations(interpreter);
    this.syncs = new SyncOperations(expressions);
    this.blocks = new Blocks(interpreter, this);
  }

  /** Runs the statements of a body until one of them leaves it. */
  Flow runAll(Term body, Activation self) {
    for (Term statement : body.items()) {
      if (!(statement instanceof Term.Call call)) {
        throw trace.abort(new BadProgram("no statement: " + Labels.of(statement)));
      }
      Flow flow = run(call, self);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow run(Term.Call statement, Activation self) {
    trace.step();
    try {
      if (Blocks.isBlock(statement.op())) {
        return blocks.run(statement, self);
      }
      return reporting(statement, () -> runSimple(statement, self));
    } catch (BadProgram e) {
      throw trace.abort(e);
    }
  }

  /** Does something for a statement, and emits {@code LABEL !! EXCEPTION} if that throws. */
  <T> T reporting(Term.Call statement, Supplier<T> action) {
    try {
      return action.get();
    } catch (CaseAborted e) {
      throw e;
    } catch (Throwable e) {
      trace.emit(text.failed(Labels.of(statement), e));
      throw e;
    }
  }

  private Flow runSimple(Term.Call statement, Activation self) {
    switch (statement.op()) {
      case "let" -> self.set(statement.name(0), expressions.evaluate(statement.arg(1), self));
      case "log" -> log(statement, self);
      case "tick" -> tick(statement, self);
      case "return" -> {
        Object value = statement.size() == 0 ? null : expressions.evaluate(statement.arg(0), self);
        complete(statement, value, self);
        return new Flow.Return(value);
      }
      default -> complete(statement, valueOf(statement, self), self);
    }
    return Flow.NEXT;
  }

  private void complete(Term.Call statement, @Nullable Object value, Activation self) {
    Term variable = statement.option("as");
    if (variable != null) {
      self.set(variable.asText(), value);
    }
    trace.emit(text.completed(Labels.of(statement), value));
  }

  private void log(Term.Call statement, Activation self) {
    var line = new StringBuilder(statement.name(0));
    for (Object value : expressions.evaluateAll(statement.argsFrom(1), self)) {
      line.append(' ').append(text.of(value));
    }
    trace.emit(line.toString());
  }

  private void tick(Term.Call statement, Activation self) {
    int count =
        statement.size() == 0 ? 1 : Values.integer(expressions.evaluate(statement.arg(0), self));
    for (int i = 1; i <= count; i++) {
      trace.step();
      Asyncio.sleep(Duration.ZERO).await();
      trace.emit("tick " + i);
    }
  }

  private @Nullable Object valueOf(Term.Call statement, Activation self) {
    return switch (statement.op()) {
      case "raise" -> throw Faults.unchecked(expressions.exception(statement.arg(0), self));
      case "await" -> awaitables.make(statement.arg(0), self).await();
      case "wait" -> waitUntil(statement, self);
      case "sleep", "acquire", "event_wait", "cond_wait", "cond_wait_for" ->
          awaitables.make(statement, self).await();
      case "barrier_wait", "barrier_reset", "barrier_abort", "put", "get", "join" ->
          awaitables.make(statement, self).await();
      case "gather", "shield", "wait_for" -> awaitables.make(statement, self).await();
      case "spawn", "tg_spawn", "make", "cancel", "uncancel", "set_name", "all_tasks" ->
          tasks.perform(statement, self);
      case "future", "set_result", "set_exception", "on_done", "remove_done", "state" ->
          tasks.perform(statement, self);
      case "call_soon", "call_later", "call_at", "cancel_handle", "call", "stop" ->
          loops.perform(statement, self);
      case "task_factory", "var_set", "var_reset", "copy_context", "ctx_run" ->
          loops.perform(statement, self);
      case "release", "set", "clear", "notify", "notify_all", "reschedule" ->
          syncs.perform(statement, self);
      case "put_nowait", "get_nowait", "task_done", "shutdown" -> syncs.perform(statement, self);
      default -> queries.answer(statement, self);
    };
  }

  private String waitUntil(Term.Call statement, Activation self) {
    List<Awaitable<?>> given = awaitables.makeAll(statement.args(), self);
    Term limit = statement.option("timeout");
    Duration timeout =
        limit == null ? null : Values.durationOrNull(expressions.evaluate(limit, self));
    Term when = statement.option("return_when");
    ReturnWhen returnWhen =
        when == null ? ReturnWhen.ALL_COMPLETED : ReturnWhen.valueOf(when.asText());
    WaitResult<?> result = Asyncio.waitUntil(futures(given), timeout, returnWhen).await();
    return "done=%s pending=%s"
        .formatted(
            labelsOf(statement.args(), given, result.done()),
            labelsOf(statement.args(), given, result.pending()));
  }

  /** The futures to wait for; what does not compile in Java is a TypeError in Python. */
  private static List<Future<?>> futures(List<Awaitable<?>> awaitables) {
    var futures = new ArrayList<Future<?>>(awaitables.size());
    for (Awaitable<?> awaitable : awaitables) {
      if (!(awaitable instanceof Future<?> future)) {
        throw new ProgramException(Kind.TYPE_ERROR, "only futures can be waited for");
      }
      futures.add(future);
    }
    return futures;
  }

  private static List<String> labelsOf(
      List<Term> terms, List<Awaitable<?>> awaitables, Collection<?> members) {
    var labels = new ArrayList<String>();
    for (int i = 0; i < terms.size(); i++) {
      if (members.contains(awaitables.get(i))) {
        labels.add(Labels.of(terms.get(i)));
      }
    }
    return labels;
  }
}

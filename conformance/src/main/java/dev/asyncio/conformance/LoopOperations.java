package dev.asyncio.conformance;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Context;
import dev.asyncio.ContextVar;
import dev.asyncio.Handle;
import dev.asyncio.Token;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The statements that concern the loop, its callbacks, and contexts. */
final class LoopOperations {

  private final Interpreter interpreter;

  LoopOperations(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  @Nullable Object perform(Term.Call call, Activation self) {
    return switch (call.op()) {
      case "call_soon" -> callSoon(call, self);
      case "call_later", "call_at" -> callTimed(call, self);
      case "cancel_handle" -> cancelHandle(call, self);
      case "call" -> interpreter.callback(call.name(0)).call(argsFrom(1, call, self));
      case "stop" -> stop();
      case "task_factory" -> setTaskFactory(call);
      case "var_set" -> setVariable(call, self);
      case "var_reset" -> resetVariable(call, self);
      case "copy_context" -> copyContext(call, self);
      case "ctx_run" -> runInContext(call, self);
      default -> throw new BadProgram("no statement: " + call.op());
    };
  }

  private @Nullable Object callSoon(Term.Call call, Activation self) {
    Runnable function = function(1, call, self);
    Context context = TaskOperations.contextOption(call, self);
    AbstractEventLoop loop = interpreter.loop();
    return assign(
        call, context == null ? loop.callSoon(function) : loop.callSoon(function, context), self);
  }

  private @Nullable Object callTimed(Term.Call call, Activation self) {
    Duration time = Values.duration(interpreter.expressions().evaluate(call.arg(1), self));
    Runnable function = function(2, call, self);
    Context given = TaskOperations.contextOption(call, self);
    Context context = given == null ? Context.copyContext() : given;
    AbstractEventLoop loop = interpreter.loop();
    Handle handle =
        call.op().equals("call_at")
            ? loop.callAt(time, function, context)
            : loop.callLater(time, function, context);
    return assign(call, handle, self);
  }

  /** The callback that stands at an index, with the arguments that follow it. */
  private Runnable function(int index, Term.Call call, Activation self) {
    List<@Nullable Object> args = argsFrom(index + 1, call, self);
    Callback callback = interpreter.callback(call.name(index));
    return () -> callback.call(args);
  }

  private List<@Nullable Object> argsFrom(int index, Term.Call call, Activation self) {
    return interpreter.expressions().evaluateAll(call.argsFrom(index), self);
  }

  private static @Nullable Object assign(Term.Call call, Handle handle, Activation self) {
    String variable = call.nameOrNull(0);
    if (variable != null) {
      self.set(variable, handle);
    }
    return null;
  }

  private static @Nullable Object cancelHandle(Term.Call call, Activation self) {
    self.get(call.name(0), Handle.class).cancel();
    return null;
  }

  private @Nullable Object stop() {
    interpreter.loop().stop();
    return null;
  }

  private @Nullable Object setTaskFactory(Term.Call call) {
    boolean eager = "eager".equals(call.nameOrNull(0));
    interpreter.loop().setTaskFactory(eager ? Asyncio.eagerTaskFactory() : null);
    return null;
  }

  private @Nullable Object setVariable(Term.Call call, Activation self) {
    var variable = variable(call, self);
    Token<?> token = variable.set(interpreter.expressions().evaluate(call.arg(1), self));
    if (call.size() > 2) {
      self.set(call.name(2), token);
    }
    return null;
  }

  @SuppressWarnings("unchecked") // a token of another variable is refused by reset itself
  private @Nullable Object resetVariable(Term.Call call, Activation self) {
    Token<@Nullable Object> token = self.get(call.name(1), Token.class);
    variable(call, self).reset(token);
    return null;
  }

  @SuppressWarnings("unchecked") // a program's variables hold any value
  private static ContextVar<@Nullable Object> variable(Term.Call call, Activation self) {
    return self.get(call.name(0), ContextVar.class);
  }

  private static @Nullable Object copyContext(Term.Call call, Activation self) {
    self.set(call.name(0), Context.copyContext());
    return null;
  }

  private @Nullable Object runInContext(Term.Call call, Activation self) {
    Callable<@Nullable Object> function =
        interpreter.callback(call.name(1)).with(argsFrom(2, call, self));
    return self.get(call.name(0), Context.class).run(function);
  }
}

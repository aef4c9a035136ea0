package dev.asyncio.conformance;

import dev.asyncio.Asyncio;
import dev.asyncio.Context;
import dev.asyncio.Future;
import dev.asyncio.Task;
import dev.asyncio.TaskGroup;
import dev.asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements that make and steer tasks and futures. */
final class TaskOperations {

  private final Interpreter interpreter;

  TaskOperations(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  @Nullable Object perform(Term.Call call, Activation self) {
    return switch (call.op()) {
      case "spawn" -> spawn(call, self);
      case "tg_spawn" -> spawnInGroup(call, self);
      case "make" -> assign(call, interpreter.awaitables().make(call.arg(1), self), self);
      case "future" -> assign(call, interpreter.loop().createFuture(), self);
      case "cancel" -> cancel(call, self);
      case "uncancel" -> self.get(call.name(0), Task.class).uncancel();
      case "set_name" -> setName(call, self);
      case "all_tasks" -> namesOfAllTasks();
      case "set_result" -> setResult(call, self);
      case "set_exception" -> setException(call, self);
      case "on_done" -> addDoneCallback(call, self);
      case "remove_done" ->
          future(call, self).removeDoneCallback(interpreter.callback(call.name(1)));
      case "state" -> states(call, self);
      default -> throw new BadProgram("no statement: " + call.op());
    };
  }

  private @Nullable Object spawn(Term.Call call, Activation self) {
    var coroutine = interpreter.awaitables().makeCoroutine(call.arg(1), self);
    TaskOptions options = taskOptions(call, call.name(0), self);
    return assign(call, Asyncio.createTask(coroutine, options), self);
  }

  private @Nullable Object spawnInGroup(Term.Call call, Activation self) {
    TaskGroup group = self.get(call.name(0), TaskGroup.class);
    var coroutine = interpreter.awaitables().makeCoroutine(call.arg(2), self);
    self.set(call.name(1), group.createTask(coroutine, taskOptions(call, call.name(1), self)));
    return null;
  }

  private static TaskOptions taskOptions(Term.Call call, String variable, Activation self) {
    TaskOptions options = TaskOptions.defaults();
    Term named = call.option("name");
    String name = named == null ? variable : named.asTextOrNull();
    if (name != null) {
      options = options.name(name);
    }
    if (call.option("eager_start") != null) {
      options = options.eagerStart(call.isSet("eager_start"));
    }
    Context context = contextOption(call, self);
    return context == null ? options : options.context(context);
  }

  /** The context that the options name, or null. */
  static @Nullable Context contextOption(Term.Call call, Activation self) {
    Term named = call.option("context");
    return named == null ? null : self.get(named.asText(), Context.class);
  }

  private static @Nullable Object assign(Term.Call call, Object value, Activation self) {
    self.set(call.name(0), value);
    return null;
  }

  private static boolean cancel(Term.Call call, Activation self) {
    Future<?> target = future(call, self);
    return call.size() > 1 ? target.cancel(call.name(1)) : target.cancel();
  }

  private static @Nullable Object setName(Term.Call call, Activation self) {
    self.get(call.name(0), Task.class).setName(call.name(1));
    return null;
  }

  private List<String> namesOfAllTasks() {
    return Asyncio.allTasks().stream().map(interpreter.trace()::nameOf).sorted().toList();
  }

  @SuppressWarnings("unchecked") // a program's futures hold any value
  private @Nullable Object setResult(Term.Call call, Activation self) {
    Object value = interpreter.expressions().evaluate(call.arg(1), self);
    ((Future<@Nullable Object>) future(call, self)).setResult(value);
    return null;
  }

  private @Nullable Object setException(Term.Call call, Activation self) {
    Future<?> future = future(call, self);
    future.setException(interpreter.expressions().exception(call.arg(1), self));
    return null;
  }

  private @Nullable Object addDoneCallback(Term.Call call, Activation self) {
    Future<?> future = future(call, self);
    Callback callback = interpreter.callback(call.name(1));
    Context context = contextOption(call, self);
    if (context == null) {
      future.addDoneCallback(callback);
    } else {
      future.addDoneCallback(callback, context);
    }
    return null;
  }

  private List<String> states(Term.Call call, Activation self) {
    var states = new ArrayList<String>();
    for (Term name : call.args()) {
      states.add(interpreter.text().stateOf(self.get(name.asText(), Future.class)));
    }
    return states;
  }

  private static Future<?> future(Term.Call call, Activation self) {
    return self.get(call.name(0), Future.class);
  }
}

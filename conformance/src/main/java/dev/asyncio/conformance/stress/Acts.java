package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be done without suspending, by a task or by a callback: above all to those that wait.
 * Several at once hit a waiter in the same turn, which is where the difficult cases are.
 */
final class Acts {

  private final Author author;
  private final Dice dice;
  private final Names names;

  Acts(Author author) {
    this.author = author;
    this.dice = author.dice;
    this.names = author.names;
  }

  /** Some acts one right after the other. */
  Body volley(int least, int most) {
    var volley = new Body();
    for (int n = dice.between(least, most); n > 0; n--) {
      volley.add(one());
    }
    return volley;
  }

  Body one() {
    if (dice.percent(35)) {
      return cancel();
    }
    List<String> objects =
        names.objectsOf(
            "Lock",
            "Event",
            "Condition",
            "Semaphore",
            "BoundedSemaphore",
            "Queue",
            "LifoQueue",
            "PriorityQueue",
            "Future",
            "ContextVar");
    return objects.isEmpty() ? resolve(author.future()) : on(dice.pick(objects));
  }

  /** Something that is done to an object of the program, by its name. */
  private Body on(String name) {
    return switch (name) {
      case "lock", "lock2" -> Body.of("release", name).except("RuntimeError");
      case "ev", "ev2" -> event(name);
      case "cond", "cond2" ->
          Body.of("if", op("locked", name), notification(name).except("RuntimeError"));
      case "sem", "sem2" -> Body.of("release", name).except("ValueError");
      case "q", "q2" -> queue(name);
      case "cu", "cv", "cw" -> Body.of("var_set", name, dice.between(1, 9));
      default -> resolve(name);
    };
  }

  private Body event(String name) {
    return switch (dice.between(0, 3)) {
      case 0, 1 -> Body.of("set", name);
      case 2 -> Body.of("set", name).add("clear", name);
      default -> Body.of("clear", name);
    };
  }

  Body notification(String name) {
    return switch (dice.between(0, 3)) {
      case 0, 1 -> Body.of("notify", name);
      case 2 -> Body.of("notify", name, 2);
      default -> Body.of("notify_all", name);
    };
  }

  private Body queue(String name) {
    return switch (dice.between(0, 9)) {
      case 0, 1, 2, 3, 4 ->
          Body.of("put_nowait", name, dice.between(1, 9)).except("QueueFull", "QueueShutDown");
      case 5, 6, 7 -> Body.of("get_nowait", name).except("QueueEmpty", "QueueShutDown");
      case 8 -> Body.of("task_done", name).except("ValueError");
      default ->
          dice.percent(30) ? Body.of("shutdown", name, dice.percent(50)) : Body.of("qsize", name);
    };
  }

  /** Gives a future an outcome, mostly only if it has none. */
  Body resolve(String future) {
    JsonArray outcome =
        switch (dice.between(0, 7)) {
          case 0, 1, 2, 3 -> op("set_result", future, dice.between(1, 9));
          case 4, 5 -> op("set_exception", future, error());
          case 6 -> op("cancel", future);
          default -> op("cancel", future, "why");
        };
    return dice.percent(80)
        ? Body.of("if", op("not", op("done", future)), new Body().add(outcome))
        : new Body().add(outcome).except("InvalidStateError");
  }

  private JsonArray error() {
    if (author.area() == Area.ENDINGS && dice.percent(10)) {
      return op(dice.pick("SystemExit", "KeyboardInterrupt"), "set");
    }
    return op(
        dice.pick("ValueError", "ValueError", "KeyError", "TimeoutError", "CancelledError"), "set");
  }

  private Body cancel() {
    String task = author.task();
    if (dice.percent(10)) {
      return Body.of("uncancel", task);
    }
    return new Body().add(cancelling(task));
  }

  /** A request to cancel, now and then with a message. */
  JsonArray cancelling(String task) {
    @Nullable String message = dice.percent(15) ? dice.pick("m1", "m2") : null;
    return message == null ? op("cancel", task) : op("cancel", task, message);
  }
}

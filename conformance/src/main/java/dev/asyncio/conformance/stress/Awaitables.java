package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;
import static dev.asyncio.conformance.stress.Body.option;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;

/** What can be awaited, gathered, shielded or waited for with a limit. */
final class Awaitables {

  private static final int DEEPEST = 2;

  private final Author author;
  private final Dice dice;
  private final Names names;

  Awaitables(Author author) {
    this.author = author;
    this.dice = author.dice;
    this.names = author.names;
  }

  JsonElement any(Scope scope) {
    return any(scope, 0);
  }

  private JsonElement any(Scope scope, int depth) {
    switch (dice.between(0, 19)) {
      case 0, 1, 2, 3, 4 -> {
        String task = author.earlierTask(scope);
        if (task != null) {
          return name(task);
        }
      }
      case 5, 6 -> {
        return name(author.future());
      }
      case 7 -> {
        if (!scope.kept().isEmpty()) {
          return name(dice.pick(scope.kept()));
        }
        String coroutine = author.keptCoroutine(scope);
        if (coroutine != null) {
          return name(coroutine);
        }
      }
      case 8, 9, 10 -> {
        if (depth < DEEPEST) {
          return nested(scope, depth + 1);
        }
      }
      case 11, 12 -> {
        return suspending();
      }
      case 13 -> {
        return sleep();
      }
      default -> {}
    }
    return author.coroutine(scope);
  }

  private JsonArray nested(Scope scope, int depth) {
    return switch (dice.between(0, 3)) {
      case 0 -> op("shield", any(scope, depth));
      case 1, 2 -> op("wait_for", any(scope, depth), author.times.limit());
      default -> gather(scope, depth);
    };
  }

  private JsonArray sleep() {
    Number time = author.times.brief();
    return dice.percent(50)
        ? op("sleep", time)
        : op("sleep", time, option("result", dice.between(1, 9)));
  }

  /** An operation of an object of the program. */
  private JsonArray suspending() {
    return switch (dice.between(0, 8)) {
      case 0, 1 -> op("event_wait", names.object("ev", "Event"));
      case 2, 3 -> op("get", queue());
      case 4 -> op("put", queue(), dice.between(1, 9));
      case 5 -> op("acquire", names.object("lock", "Lock"));
      case 6 -> op("acquire", names.object("sem", "Semaphore", dice.between(0, 2)));
      case 7 -> op("barrier_wait", names.object("bar", "Barrier", dice.between(2, 3)));
      default -> op("join", queue());
    };
  }

  String queue() {
    String kind = dice.pick("Queue", "Queue", "Queue", "LifoQueue", "PriorityQueue");
    return dice.percent(85)
        ? names.object("q", kind, dice.between(0, 2))
        : names.object("q2", kind, 1);
  }

  JsonArray gather(Scope scope) {
    return gather(scope, 0);
  }

  private JsonArray gather(Scope scope, int depth) {
    JsonArray gather = op("gather");
    for (int n = dice.between(dice.percent(5) ? 0 : 1, 3); n > 0; n--) {
      gather.add(any(scope, depth + 1));
    }
    if (dice.percent(40)) {
      gather.add(option("return_exceptions", true));
    }
    return gather;
  }

  /** A name of something that is a future already. */
  JsonElement future(Scope scope) {
    String task = dice.percent(75) ? author.earlierTask(scope) : null;
    return name(task != null ? task : author.future());
  }

  private static JsonElement name(String name) {
    return new JsonPrimitive(name);
  }
}

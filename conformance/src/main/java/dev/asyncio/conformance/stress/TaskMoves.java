package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;

/** Making tasks and groups of them, awaiting and cancelling them. */
final class TaskMoves {

  private final Author author;
  private final Dice dice;
  private final Names names;

  /** Groups of all bodies written so far. */
  private final List<String> groups = new ArrayList<>();

  TaskMoves(Author author) {
    this.author = author;
    this.dice = author.dice;
    this.names = author.names;
  }

  Body spawn(Scope scope) {
    JsonElement coroutine = coroutine(scope);
    String child = author.bind("c", scope.children());
    Body body = Body.of("spawn", child, coroutine, options());
    switch (dice.between(0, 9)) {
      case 0, 1, 2 -> body.add(author.maybePause(70)).add("await", child);
      case 3, 4 -> body.add(author.maybePause(70)).add(author.acts.cancelling(child));
      case 5 -> body.add("state", child);
      case 6 -> body.add(author.acts.cancelling(child)).add(author.pause()).add("state", child);
      default -> {}
    }
    return body;
  }

  /** What a task is made of: nearly always a call. */
  private JsonElement coroutine(Scope scope) {
    String kept = dice.percent(25) ? author.keptCoroutine(scope) : null;
    return kept != null ? new JsonPrimitive(kept) : author.coroutine(scope);
  }

  private JsonObject options() {
    var options = new JsonObject();
    if (dice.percent(8)) {
      options.add("name", null);
    }
    if (dice.percent(author.area() == Area.EAGER ? 25 : 4)) {
      options.addProperty("eager_start", dice.percent(70));
    }
    return options;
  }

  Body await(Scope scope) {
    String task = author.earlierTask(scope);
    if (task == null) {
      return author.pause();
    }
    return author.maybeCaught(45, Body.of("await", task), scope, "Exception");
  }

  Body names() {
    return switch (dice.between(0, 3)) {
      case 0 -> Body.of("set_name", "self", names.fresh("renamed"));
      case 1 -> Body.of("get_name", "self");
      default -> Body.of("all_tasks");
    };
  }

  /** A coroutine object in a variable, which may be awaited once, or twice, or made a task. */
  Body keepCoroutine(Scope scope) {
    JsonArray coroutine =
        dice.percent(60)
            ? author.coroutine(scope)
            : op("wait_for", author.coroutine(scope), author.times.limit());
    String name = names.fresh("o");
    Body body = Body.of("make", name, coroutine);
    Body again = Body.of("await", name).except("RuntimeError");
    switch (dice.between(0, 6)) {
      case 0 -> body.add("await", name);
      case 1 -> body.add("await", name).add(again);
      case 2 -> {
        String child = author.bind("c", scope.children());
        body.add("spawn", child, name).add(author.pause()).add(again);
      }
      default -> scope.coroutines().add(name);
    }
    return body;
  }

  Body cancel(Scope scope) {
    Body body = author.maybePause(40).add(author.metronome(20));
    Body cancel = new Body().add(author.acts.cancelling(author.anyTask(scope)));
    if (dice.percent(10)) {
      cancel.add(author.acts.cancelling(author.anyTask(scope)));
    }
    return body.add(dice.percent(60) ? cancel.except("NameError") : cancel);
  }

  Body cancelSelf() {
    Body body = new Body().add(author.acts.cancelling("self"));
    if (dice.percent(30)) {
      body.add("uncancel", "self");
    }
    return body.add(author.maybePause(70));
  }

  Body uncancel() {
    return switch (dice.between(0, 2)) {
      case 0 -> Body.of("uncancel", "self");
      case 1 -> Body.of("cancelling", "self");
      default -> Body.of("uncancel", author.task());
    };
  }

  Body factory() {
    return Body.of("task_factory", dice.percent(60) ? "eager" : null);
  }

  Body group(Scope scope) {
    String group = names.freshShared("tg");
    groups.add(group);
    var body = new Body();
    for (int n = dice.between(1, 3); n > 0; n--) {
      JsonElement coroutine = coroutine(scope);
      body.add("tg_spawn", group, author.bind("c", scope.children()), coroutine, options());
      if (dice.percent(30)) {
        body.add(author.body(scope.inner(), 1, 1));
      }
    }
    if (dice.percent(40)) {
      body.add(author.inside(scope));
    }
    Body block = Body.of("taskgroup", group, body);
    return author.maybeCaught(60, block, scope, "ExceptionGroup").add(after());
  }

  private Body after() {
    return dice.percent(20) ? Body.of("cancelling", "self") : new Body();
  }

  /** Makes a task in a group of any body, which may be over or not have begun. */
  Body joinGroup(Scope scope) {
    if (groups.isEmpty()) {
      return scope.mayNest() ? group(scope) : author.pause();
    }
    JsonArray coroutine = author.coroutine(scope);
    return Body.of(
            "tg_spawn", dice.pick(groups), author.bind("c", scope.children()), coroutine, options())
        .except("RuntimeError", "NameError");
  }
}

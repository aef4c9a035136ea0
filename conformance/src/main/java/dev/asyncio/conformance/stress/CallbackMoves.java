package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;

/** Plain functions that the loop calls, and their handles. */
final class CallbackMoves {

  private final Author author;
  private final Dice dice;
  private final Names names;

  CallbackMoves(Author author) {
    this.author = author;
    this.dice = author.dice;
    this.names = author.names;
  }

  Body call(Scope scope) {
    String handle = dice.percent(45) ? names.freshShared("h") : null;
    boolean timed = dice.percent(65);
    JsonArray call =
        switch (timed ? dice.between(0, 9) : 10) {
          case 0, 1, 2, 3, 4, 5, 6 -> op("call_later", handle, author.times.brief());
          case 7 -> op("call_later", handle, dice.pick(0, -0.5));
          case 8, 9 -> op("call_at", handle, author.times.any());
          default -> op("call_soon", handle);
        };
    call.addAll(callback());
    Body body = new Body().add(call);
    if (handle == null) {
      return body;
    }
    scope.handles().add(handle);
    body.add(author.maybePause(30));
    if (timed && dice.percent(10)) {
      body.add("handle_when", handle);
    }
    return dice.percent(50) ? body.add("cancel_handle", handle) : body;
  }

  Body handle(Scope scope) {
    return scope.handles().isEmpty()
        ? call(scope)
        : Body.of(dice.pick("cancel_handle", "handle_cancelled"), dice.pick(scope.handles()));
  }

  /**
   * So many timers, most of them cancelled, that the loop throws the cancelled ones out before
   * their time.
   */
  Body manyTimers() {
    names.callback("say(n)", Body.of("log", "say", "n"));
    String count = names.fresh("i");
    JsonArray delay =
        op("*", op("%", op("*", count, dice.between(3, 11)), dice.between(5, 9)), 0.125);
    Body each =
        Body.of("call_later", "timer", delay, "say", count)
            .add(
                "if",
                op("!=", op("%", count, dice.between(3, 7)), 0),
                Body.of("cancel_handle", "timer"));
    return Body.of("for", count, dice.between(90, 150), each);
  }

  /** Ends the run early, mostly by a callback that comes later. */
  Body stop() {
    if (dice.percent(60)) {
      return call(new Scope(0, 0));
    }
    if (dice.percent(25)) {
      return Body.of("stop");
    }
    names.callback("halt", Body.of("stop"));
    return Body.of("call_later", null, author.times.any(), "halt");
  }

  /** A callback with its arguments. */
  private JsonArray callback() {
    return switch (dice.between(0, 9)) {
      case 0, 1 -> {
        names.callback("say(n)", Body.of("log", "say", "n"));
        yield op("say", dice.between(1, 9));
      }
      case 2 -> op(resolving(author.future()));
      case 3 -> {
        boolean fatal = author.area() == Area.ENDINGS && dice.percent(20);
        JsonArray error =
            op(fatal ? "SystemExit" : dice.pick("ValueError", "CancelledError"), "bad");
        names.callback("bad", Body.of("log", "bad").add("raise", error));
        yield op("bad");
      }
      case 4 -> {
        names.callback("chain(n)", chain());
        yield op("chain", dice.between(1, 3));
      }
      default -> {
        String burst = names.fresh("burst");
        names.callback(burst, author.acts.volley(1, 3));
        yield op(burst);
      }
    };
  }

  /** Calls itself again, so many times. */
  private Body chain() {
    JsonArray again =
        dice.percent(50)
            ? op("call_soon", null, "chain", op("-", "n", 1))
            : op("call_later", null, 0, "chain", op("-", "n", 1));
    return Body.of("log", "chain", "n").add("if", op(">", "n", 0), new Body().add(again));
  }

  /** The callback that gives a future a result, unless it is done. */
  String resolving(String future) {
    String name = "set_" + future;
    Body set = Body.of("set_result", future, dice.between(1, 9));
    names.callback(name, Body.of("if", op("not", op("done", future)), set));
    return name;
  }

  /** A callback for the end of a future. */
  String whenDone() {
    names.callback("ended(x)", Body.of("log", "ended", "x").add("cancelled", "x"));
    return switch (dice.between(0, 6)) {
      case 6 -> {
        names.object("cv", "ContextVar", 0);
        names.callback(
            "seen(x)", Body.of("log", "seen", op("var_get", "cv")).add("var_set", "cv", 70));
        yield "seen";
      }
      case 0 -> {
        names.callback("shown(x)", Body.of("state", "x"));
        yield "shown";
      }
      case 1 -> {
        names.callback(
            "failing(x)", Body.of("log", "failing").add("raise", op("ValueError", "cb")));
        yield "failing";
      }
      case 2 -> {
        names.callback("more(x)", Body.of("on_done", "x", "ended"));
        yield "more";
      }
      case 3 -> {
        String name = names.fresh("after");
        names.callback(name + "(x)", author.acts.volley(1, 2));
        yield name;
      }
      default -> "ended";
    };
  }
}

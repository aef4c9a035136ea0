package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;

/** Suspending for a while, asking how things are, raising, catching, repeating. */
final class FlowMoves {

  private final Author author;
  private final Dice dice;

  FlowMoves(Author author) {
    this.author = author;
    this.dice = author.dice;
  }

  Body sleep() {
    Body sleep = Body.of("sleep", dice.percent(2) ? -1 : author.times.any());
    return sleep.add(author.metronome(25));
  }

  Body state(Scope scope) {
    if (scope.level() == 0) {
      return Body.of(dice.pick("time", "all_tasks"));
    }
    String task = "t" + dice.between(0, scope.level() - 1);
    return dice.percent(70)
        ? Body.of("state", task)
        : Body.of(dice.pick("result", "exception"), task)
            .except("InvalidStateError", "CancelledError", "Exception");
  }

  Body raise() {
    JsonArray error =
        switch (dice.between(0, 9)) {
          case 0 -> op("CancelledError", dice.pick("", "own"));
          case 1 -> op("TimeoutError", "own");
          case 2 -> group();
          default -> error();
        };
    return dice.percent(50) ? Body.of("raise", error) : Body.of("tick", 1);
  }

  private JsonArray error() {
    return op(dice.pick("ValueError", "KeyError", "RuntimeError"), "r" + dice.between(1, 9));
  }

  private JsonArray group() {
    var members = new JsonArray();
    members.add(error());
    if (dice.percent(50)) {
      members.add(error());
    }
    return op("ExceptionGroup", "g", members);
  }

  /** An exception that ends the program's run at once. */
  Body quit() {
    return dice.percent(20)
        ? Body.of("raise", op(dice.pick("SystemExit", "KeyboardInterrupt"), "quit"))
        : author.pause();
  }

  Body attempt(Scope scope) {
    JsonArray attempt = op("try", author.body(scope.inner(), 1, 3));
    boolean cleansUp = dice.percent(25);
    if (!cleansUp || dice.percent(50)) {
      String kind = author.anyKind();
      attempt.add(author.clause(kind, scope));
      if (dice.percent(15) && !kind.equals("BaseException") && !kind.equals("Exception")) {
        attempt.add(author.clause("Exception", scope));
      }
      if (dice.percent(10)) {
        attempt.add(op("else", Body.of("log", "else")));
      }
    }
    if (cleansUp) {
      attempt.add(op("finally", Body.of("log", "finally").add(author.maybePause(60))));
    }
    return new Body().add(attempt);
  }

  /** A clean-up that takes its time, and may be cancelled itself. */
  Body cleanUp(Scope scope) {
    Body last = Body.of("log", "clean-up").add(author.maybePause(75));
    if (dice.percent(25)) {
      last.add(author.body(scope.last().inner(), 1, 1));
    }
    if (dice.percent(20)) {
      last = last.add("sleep", author.times.brief()).except("CancelledError");
    }
    return Body.of("try", author.inside(scope), op("finally", last));
  }

  Body choose(Scope scope) {
    JsonArray condition =
        switch (dice.between(0, 3)) {
          case 0 -> op("done", author.future());
          case 1 -> op(">", op("cancelling", "self"), 0);
          case 2 -> op("<", op("time"), author.times.any());
          default -> op("==", op("%", op("*", op("time"), 8), 2), 0);
        };
    return dice.percent(50)
        ? Body.of("if", condition, author.inside(scope))
        : Body.of("if", condition, author.inside(scope), author.inside(scope));
  }

  Body repeat(Scope scope) {
    Scope loop = scope.loop();
    Body body = author.body(loop, 1, 2);
    if (dice.percent(20) && loop.mayBreak()) {
      body.add("break");
    }
    if (dice.percent(50)) {
      return Body.of("for", author.names.fresh("i"), dice.between(2, 3), body);
    }
    String count = author.names.fresh("i");
    Body counted = Body.of("let", count, op("-", count, 1)).add(body);
    return Body.of("let", count, dice.between(1, 3)).add("while", op(">", count, 0), counted);
  }
}

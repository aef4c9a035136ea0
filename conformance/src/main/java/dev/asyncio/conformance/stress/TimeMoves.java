package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import java.util.ArrayList;
import java.util.List;

/** Limits of time: blocks of code and single awaitables that have one. */
final class TimeMoves {

  private final Author author;
  private final Dice dice;

  /** Timeouts of all bodies written so far. */
  private final List<String> timeouts = new ArrayList<>();

  TimeMoves(Author author) {
    this.author = author;
    this.dice = author.dice;
  }

  Body timeout(Scope scope) {
    String name = author.names.freshShared("tm");
    timeouts.add(name);
    scope.timeouts().add(name);
    Body inside = author.body(scope.inner(), 1, 3);
    Body block =
        dice.percent(15)
            ? Body.of("timeout_at", name, author.times.any(), inside)
            : Body.of("timeout", name, author.times.limit(), inside);
    Body body = author.maybeCaught(65, block, scope, "TimeoutError");
    return dice.percent(30) ? body.add("expired", name).add("cancelling", "self") : body;
  }

  Body waitFor(Scope scope) {
    Body wait = Body.of("wait_for", author.awaitables.any(scope), author.times.limit());
    Body body = author.maybeCaught(55, wait, scope, "TimeoutError");
    return dice.percent(10) ? body.add("cancelling", "self") : body;
  }

  /** Moves the deadline of a timeout, mostly of one of this body. */
  Body reschedule(Scope scope) {
    List<String> own = scope.timeouts();
    List<String> candidates = !own.isEmpty() && dice.percent(80) ? own : timeouts;
    if (candidates.isEmpty()) {
      return scope.mayNest() ? timeout(scope) : author.pause();
    }
    String name = dice.pick(candidates);
    Number when = dice.percent(15) ? null : author.times.any();
    Body body =
        dice.percent(40)
            ? Body.of("reschedule", name, when == null ? null : op("+", op("time"), when))
            : Body.of("reschedule", name, when);
    if (dice.percent(20)) {
      body.add("deadline", name);
    }
    return body.except("RuntimeError", "NameError");
  }
}

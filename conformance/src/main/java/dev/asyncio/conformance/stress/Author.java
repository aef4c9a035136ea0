package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the bodies of one program: what they have in common, and the choice of the next move. */
final class Author {

  /** Kinds of exceptions that handlers catch; cancellations are caught most often. */
  private static final List<String> CAUGHT =
      List.of(
          "CancelledError",
          "CancelledError",
          "TimeoutError",
          "ValueError",
          "Exception",
          "Exception",
          "BaseException",
          "ExceptionGroup",
          "KeyError",
          "RuntimeError");

  final Dice dice;
  final Names names = new Names();
  final Times times;
  final Leaves leaves;
  final Awaitables awaitables;
  final Acts acts;

  private final Area area;
  private final int tasks;
  private final int subs;
  private final Moves moves;

  /** Tasks and other futures that bodies make, of all bodies written so far. */
  private final List<String> everything = new ArrayList<>();

  Author(Dice dice, Area area, int tasks, int subs) {
    this.dice = dice;
    this.area = area;
    this.tasks = tasks;
    this.subs = subs;
    this.times = new Times(dice);
    this.leaves = new Leaves(dice, times, names);
    this.awaitables = new Awaitables(this);
    this.acts = new Acts(this);
    this.moves = new Moves(this);
  }

  Area area() {
    return area;
  }

  // ---- bodies

  /** Some moves one after the other. */
  Body body(Scope scope, int least, int most) {
    var body = new Body();
    for (int n = dice.between(least, most); n > 0; n--) {
      body.add(move(scope));
    }
    return body;
  }

  /** What stands inside a block. */
  Body inside(Scope scope) {
    return body(scope.inner(), 1, 2);
  }

  Body move(Scope scope) {
    Move move = dice.weighted(area.weights());
    if (move.nests() && !scope.mayNest()) {
      move = Move.TICK;
    }
    return moves.write(move, scope);
  }

  /** A move that belongs to the area rather than to all. */
  Body typicalMove(Scope scope) {
    return moves.write(dice.weighted(area.typical()), scope);
  }

  // ---- pieces

  /** A short suspension. */
  Body pause() {
    return dice.percent(65) ? Body.of("tick", dice.between(1, 3)) : Body.of("sleep", times.brief());
  }

  Body maybePause(int percent) {
    return dice.percent(percent) ? pause() : new Body();
  }

  /** Now and then, a task that ticks beside what follows. */
  Body metronome(int percent) {
    return dice.percent(percent) ? Body.of("spawn", "tick", leaves.metronome()) : new Body();
  }

  /** What a handler of an exception does; {@code variable} is the exception, if it has a name. */
  Body handler(Scope scope, @Nullable String variable) {
    var body = new Body();
    if (dice.percent(25)) {
      body.add(dice.pick("uncancel", "cancelling"), "self");
    }
    body.add(maybePause(45));
    if (dice.percent(10) && scope.mayNest()) {
      body.add(move(scope.inner()));
    }
    if (variable != null && dice.percent(75)) {
      return dice.percent(70)
          ? body.add("raise", variable)
          : body.add("log", "kept", variable).add("cause", variable);
    }
    if (dice.percent(12)) {
      body.add("raise", op("RuntimeError", "handler"));
    } else if (dice.percent(10) && scope.mayReturn()) {
      body.add("return", dice.between(1, 9));
    }
    return body;
  }

  /** The statements with a handler, of what is likely or of anything. */
  Body caught(Body body, Scope scope, String likely) {
    String kind = dice.percent(65) ? likely : dice.pick(CAUGHT);
    return Body.of("try", body, clause(kind, scope));
  }

  /** Perhaps with a handler. */
  Body maybeCaught(int percent, Body body, Scope scope, String likely) {
    return dice.percent(percent) ? caught(body, scope, likely) : body;
  }

  /** An except clause of some kind. */
  JsonArray clause(String kind, Scope scope) {
    String variable = dice.percent(25) ? "e" : null;
    return op("except", kind, variable, handler(scope, variable));
  }

  String anyKind() {
    return dice.pick(CAUGHT);
  }

  // ---- names

  /** A coroutine call, of a subroutine or of a leaf. */
  JsonArray coroutine(Scope scope) {
    return scope.firstSub() < subs && dice.percent(30)
        ? op("w" + dice.between(scope.firstSub(), subs - 1))
        : leaves.call();
  }

  /**
   * A coroutine object in a variable, or null. It is given once: what two tasks do that drive the
   * same coroutine is an accident in CPython.
   */
  @Nullable String keptCoroutine(Scope scope) {
    List<String> coroutines = scope.coroutines();
    return coroutines.isEmpty() ? null : coroutines.removeLast();
  }

  /** A task that may be awaited here, or null. */
  @Nullable String earlierTask(Scope scope) {
    if (!scope.children().isEmpty() && dice.percent(35)) {
      return dice.pick(scope.children());
    }
    return scope.level() > 0 ? task(scope.level()) : null;
  }

  /** A task or another future of this body, to be bound now. */
  String bind(String prefix, List<String> names) {
    String name = this.names.freshShared(prefix);
    names.add(name);
    everything.add(name);
    return name;
  }

  /** Any task that can be cancelled; not every name has a value when it comes to that. */
  String anyTask(Scope scope) {
    if (!scope.children().isEmpty() && dice.percent(20)) {
      return dice.pick(scope.children());
    }
    if (!everything.isEmpty() && dice.percent(10)) {
      return dice.pick(everything);
    }
    return dice.percent(7) ? names.share("m") : task(tasks);
  }

  String task() {
    return task(tasks);
  }

  private String task(int before) {
    return names.share("t" + dice.between(0, before - 1));
  }

  String future() {
    return names.object("f" + dice.between(1, 3), "Future");
  }
}

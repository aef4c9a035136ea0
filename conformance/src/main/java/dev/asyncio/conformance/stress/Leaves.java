package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;

/**
 * Small coroutines that programs are full of: each ends, fails or takes a cancellation its own way.
 */
final class Leaves {

  private enum Leaf {
    NAP("nap(d, v)", Body.of("sleep", "d").add("return", "v")),
    FLOP("flop(d)", Body.of("sleep", "d").add("raise", op("ValueError", "flop"))),
    COUNT("count(n)", Body.of("tick", "n").add("return", "n")),
    TRIP("trip(n)", Body.of("tick", "n").add("raise", op("KeyError", "trip"))),
    DEAF("deaf(d)", caught(Body.of("sleep", "d"), Body.of("log", "deaf")).add("return", 0)),
    TIDY("tidy(d, n)", Body.of("try", Body.of("sleep", "d"), op("finally", Body.of("tick", "n")))),
    SOUR("sour(d)", caught(Body.of("sleep", "d"), Body.of("raise", op("KeyError", "sour")))),
    SWAP("swap(d)", caught(Body.of("sleep", "d"), Body.of("raise", op("TimeoutError", "swap")))),
    ABSOLVE(
        "absolve(d)",
        caught(Body.of("sleep", "d"), Body.of("uncancel", "self"))
            .add("sleep", "d")
            .add("tick", 1)),
    TWICE(
        "twice(d)",
        Body.of("for", "i", 2, caught(Body.of("sleep", "d"), Body.of("log", "again", "i")))),
    BROOD(
        "brood(d)",
        Body.of("spawn", "b", op("nap", "d", 1)).add("tick", 1).add("await", "b").add("tick", 1)),
    GUARD(
        "guard(d)",
        Body.of(
                "try",
                Body.of("shield", op("tidy", "d", 2)),
                op("except", "CancelledError", "e", Body.of("tick", 1).add("raise", "e")))
            .add("return", 2));

    private final String signature;
    private final Body body;

    Leaf(String signature, Body body) {
      this.signature = signature;
      this.body = body;
    }

    private static Body caught(Body body, Body handler) {
      return Body.of("try", body, op("except", "CancelledError", null, handler));
    }
  }

  private final Dice dice;
  private final Times times;
  private final Names names;

  Leaves(Dice dice, Times times, Names names) {
    this.dice = dice;
    this.times = times;
    this.names = names;
  }

  /** A call of one of them. */
  JsonArray call() {
    return switch (dice.between(0, 15)) {
      case 0, 1, 2, 3 -> call(Leaf.NAP, times.brief(), dice.between(1, 9));
      case 4, 5 -> call(Leaf.FLOP, times.brief());
      case 6 -> call(Leaf.COUNT, dice.between(1, 5));
      case 7 -> call(Leaf.TRIP, dice.between(1, 4));
      case 8 -> call(Leaf.DEAF, times.any());
      case 9, 10 -> call(Leaf.TIDY, times.any(), dice.between(1, 3));
      case 11 -> call(Leaf.SOUR, times.any());
      case 12 -> call(Leaf.SWAP, times.any());
      case 13 -> call(Leaf.ABSOLVE, times.any());
      case 14 -> call(dice.percent(50) ? Leaf.TWICE : Leaf.GUARD, times.any());
      default -> call(Leaf.BROOD, times.brief());
    };
  }

  /** One that ticks beside what follows, and so shows how many turns that takes. */
  JsonArray metronome() {
    return call(Leaf.COUNT, dice.between(3, 8));
  }

  private JsonArray call(Leaf leaf, Object... arguments) {
    names.coro(leaf.signature, leaf.body);
    if (leaf == Leaf.BROOD) {
      names.coro(Leaf.NAP.signature, Leaf.NAP.body);
    } else if (leaf == Leaf.GUARD) {
      names.coro(Leaf.TIDY.signature, Leaf.TIDY.body);
    }
    return op(leaf.signature.substring(0, leaf.signature.indexOf('(')), arguments);
  }
}

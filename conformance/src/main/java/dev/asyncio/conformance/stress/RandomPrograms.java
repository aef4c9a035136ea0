package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;
import static dev.asyncio.conformance.stress.Body.option;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes programs of the conformance language at random, the same ones for the same seed.
 *
 * <p>A program has a main coroutine that makes some tasks, plays the director among them and then
 * waits for them, for a limited time. The tasks run bodies of their own or leaves; bodies may call
 * subroutines. Every program ends: nothing waits for itself, loops are counted, sleeps are short,
 * callbacks call only what was there before them. It may end in a deadlock.
 */
public final class RandomPrograms {

  private static final long NUMBERS_OF_A_SEED = 1_000_003;
  private static final List<Area> AREAS = List.of(Area.values());

  private final long seed;

  /** Programs of a seed. */
  public RandomPrograms(long seed) {
    this.seed = seed;
  }

  /**
   * A program.
   *
   * @param id names the seed and the number, and what the program is about
   * @param area what it is about
   * @param json the program itself
   */
  public record RandomProgram(String id, String area, JsonObject json) {}

  /** The program of a number; successive numbers are about different things. */
  public RandomProgram program(int number) {
    Area area = AREAS.get(number % AREAS.size());
    var dice = new Dice(seed * NUMBERS_OF_A_SEED + number);
    String id = "stress-" + area.label() + "-" + seed + "-" + number;
    return new RandomProgram(id, area.label(), new Writer(dice, area).write());
  }

  /** Writes one program. */
  private static final class Writer {

    private final Dice dice;
    private final Area area;
    private final int tasks;
    private final int subs;
    private final Author author;
    private final Names names;

    Writer(Dice dice, Area area) {
      this.dice = dice;
      this.area = area;
      this.tasks = dice.between(2, crowded(area) ? 5 : 4);
      this.subs = dice.between(1, 2);
      this.author = new Author(dice, area, tasks, subs);
      this.names = author.names;
    }

    private static boolean crowded(Area area) {
      return area == Area.LOCKS || area == Area.SIGNALS || area == Area.QUEUES;
    }

    JsonObject write() {
      var main = new Body();
      names.coro("main", main); // comes first; it is written below
      names.run("main");
      for (int i = 0; i < tasks; i++) {
        names.share("t" + i);
      }
      for (int i = 0; i < subs; i++) {
        names.coro("w" + i, withReturn(author.body(new Scope(0, i + 1), 2, 3)));
      }
      List<JsonArray> calls = dice.percent(crowded(area) ? 40 : 25) ? crowd() : cast();
      Body direction = direction();
      main.add("let", names.share("m"), "self").add("let", names.share(LockMoves.COUNTER), 0);
      if (area == Area.EAGER || (area == Area.MIXED && dice.percent(10))) {
        main.add("task_factory", "eager");
      }
      if (dice.percent(80)) {
        names.callback("rescue", Body.of("cancel", "m"));
        main.add("call_later", null, 9, "rescue");
      }
      main.add(author.metronome(50)).add(spawned(calls)).add(direction).add(ending());
      if (dice.percent(area == Area.ENDINGS ? 40 : 8)) {
        names.coro("second", author.body(new Scope(0, 0), 1, 3));
        names.run("second");
      }
      return names.program();
    }

    /** Tasks that all do their own. */
    private List<JsonArray> cast() {
      var calls = new ArrayList<JsonArray>();
      for (int i = 0; i < tasks; i++) {
        if (dice.percent(20)) {
          calls.add(author.leaves.call());
        } else {
          var scope = new Scope(i, 0);
          Body body = dice.percent(60) ? author.typicalMove(scope) : new Body();
          names.coro("job" + i, withReturn(body.add(author.body(scope, 1, 4))));
          calls.add(op("job" + i));
        }
      }
      return calls;
    }

    /** Tasks that all do the same, so that they get in each other's way. */
    private List<JsonArray> crowd() {
      var scope = new Scope(0, 0);
      Body body = author.typicalMove(scope).add(author.maybePause(50));
      if (dice.percent(50)) {
        body.add(author.typicalMove(scope));
      }
      names.coro("one(k)", Body.of("log", "one", "k").add(body).add("return", "k"));
      var calls = new ArrayList<JsonArray>();
      for (int i = 0; i < tasks; i++) {
        calls.add(op("one", i));
      }
      return calls;
    }

    private Body spawned(List<JsonArray> calls) {
      var body = new Body();
      boolean gaps = dice.percent(25);
      for (int i = 0; i < tasks; i++) {
        body.add("spawn", "t" + i, calls.get(i));
        if (gaps) {
          body.add(author.maybePause(40));
        }
      }
      return body;
    }

    /** What main does while the tasks run: volleys at them, and moves of its own. */
    private Body direction() {
      var scope = new Scope(tasks, 0);
      var body = new Body();
      for (int n = dice.between(0, 3); n > 0; n--) {
        body.add(author.pause()).add(author.metronome(25)).add(author.acts.volley(1, 3));
      }
      body.add(author.body(scope, 1, 3));
      return dice.percent(65) ? body.except(dice.pick("Exception", "BaseException")) : body;
    }

    private Body ending() {
      JsonArray all = op("wait");
      JsonArray states = op("state");
      for (int i = 0; i < tasks; i++) {
        all.add("t" + i);
        states.add("t" + i);
      }
      all.add(option("timeout", dice.between(4, 7)));
      var body = new Body();
      int leave = area == Area.ENDINGS ? 50 : 10; // they are left to the runner
      if (!dice.percent(leave)) {
        body.add(all).add(states);
      } else if (dice.percent(50)) {
        body.add("sleep", author.times.any());
      }
      return dice.percent(30) ? body.add("return", dice.between(30, 39)) : body;
    }

    private Body withReturn(Body body) {
      return dice.percent(40) ? body.add("return", dice.between(10, 29)) : body;
    }
  }
}

package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

/** Locks, events, conditions, semaphores, barriers and queues. */
final class LockMoves {

  /** The shared variable that conditions are about; the program sets it to 0. */
  static final String COUNTER = "total";

  private final Author author;
  private final Dice dice;
  private final Names names;

  LockMoves(Author author) {
    this.author = author;
    this.dice = author.dice;
    this.names = author.names;
  }

  Body lock(Scope scope) {
    return hold(names.object(dice.percent(85) ? "lock" : "lock2", "Lock"), scope);
  }

  Body semaphore(Scope scope) {
    String kind = dice.percent(65) ? "Semaphore" : "BoundedSemaphore";
    return hold(names.object("sem", kind, dice.between(0, 2)), scope);
  }

  /** Takes something that is given back, in one of the ways there are. */
  private Body hold(String name, Scope scope) {
    return switch (dice.between(0, 9)) {
      case 0, 1, 2, 3, 4, 5 ->
          Body.of("with", name, author.inside(scope).add(author.maybePause(40)));
      case 6 ->
          Body.of("acquire", name)
              .add("try", author.inside(scope), op("finally", Body.of("release", name)));
      case 7, 8 ->
          Body.of("wait_for", op("acquire", name), author.times.limit())
              .add(author.maybePause(30))
              .add("release", name)
              .except("TimeoutError");
      default -> odd(name);
    };
  }

  private Body odd(String name) {
    return switch (dice.between(0, 2)) {
      case 0 -> Body.of("locked", name);
      case 1 -> Body.of("release", name).except("RuntimeError", "ValueError");
      default ->
          Body.of("acquire", name)
              .add("tick", 1)
              .add("release", name)
              .add("acquire", name)
              .add("release", name);
    };
  }

  Body event(Scope scope) {
    String event = names.object(dice.percent(80) ? "ev" : "ev2", "Event");
    return switch (dice.between(0, 9)) {
      case 0, 1, 2, 3 -> Body.of("event_wait", event);
      case 4, 5 -> Body.of("set", event);
      case 6 -> Body.of("set", event).add("clear", event);
      case 7 -> Body.of("clear", event);
      case 8 ->
          author.maybeCaught(
              80,
              Body.of("wait_for", op("event_wait", event), author.times.limit()),
              scope,
              "TimeoutError");
      default -> Body.of("is_set", event);
    };
  }

  Body condition(Scope scope) {
    String condition = condition();
    Body inside =
        switch (dice.between(0, 9)) {
          case 0, 1, 2 -> Body.of("cond_wait", condition);
          case 3 ->
              Body.of(
                  "cond_wait_for", condition, op(">=", names.share(COUNTER), dice.between(1, 3)));
          case 4 ->
              Body.of("wait_for", op("cond_wait", condition), author.times.limit())
                  .except("TimeoutError");
          case 5, 6, 7 -> counted().add(author.acts.notification(condition));
          case 8 ->
              author.acts.notification(condition).add(author.acts.one()).add(author.maybePause(50));
          default -> author.acts.notification(condition).add("cond_wait", condition);
        };
    if (dice.percent(6)) {
      return inside.except("RuntimeError"); // without the lock, unless somebody has it
    }
    return Body.of("with", condition, inside.add(author.maybePause(35)));
  }

  /** One condition, or two on the same lock. */
  private String condition() {
    if (author.area() != Area.LOCKS) {
      return names.object("cond", "Condition");
    }
    names.object("lock", "Lock");
    return names.object(dice.percent(60) ? "cond" : "cond2", "Condition", "lock");
  }

  private Body counted() {
    return dice.percent(60)
        ? Body.of("let", names.share(COUNTER), op("+", COUNTER, 1))
        : new Body();
  }

  Body barrier(Scope scope) {
    String barrier = names.object("bar", "Barrier", dice.between(2, 3));
    Body body =
        switch (dice.between(0, 11)) {
          case 0, 1, 2, 3, 4, 5 -> Body.of("barrier_wait", barrier);
          case 6 -> Body.of("with", barrier, author.inside(scope));
          case 7 -> Body.of("barrier_reset", barrier);
          case 8 -> Body.of("barrier_abort", barrier);
          case 9, 10 ->
              Body.of("wait_for", op("barrier_wait", barrier), author.times.limit())
                  .except("TimeoutError");
          default -> Body.of("n_waiting", barrier).add("broken", barrier);
        };
    return author.maybeCaught(55, body, scope, "BrokenBarrierError");
  }

  Body queue(Scope scope) {
    String queue = author.awaitables.queue();
    int item = dice.between(1, 9);
    return switch (dice.between(0, 13)) {
      case 0, 1, 2 -> Body.of("put", queue, item);
      case 3, 4, 5, 6 -> {
        Body get = Body.of("get", queue);
        yield dice.percent(30) ? get.add("task_done", queue) : get;
      }
      case 7, 8 -> Body.of("put_nowait", queue, item).except("QueueFull", "QueueShutDown");
      case 9 -> Body.of("get_nowait", queue).except("QueueEmpty", "QueueShutDown");
      case 10, 11 ->
          Body.of(
                  "wait_for",
                  dice.percent(65) ? op("get", queue) : op("put", queue, item),
                  author.times.limit())
              .except("TimeoutError", "QueueShutDown");
      case 12 -> {
        String count = names.fresh("i");
        yield Body.of("for", count, dice.between(2, 4), Body.of("put", queue, count));
      }
      default -> // whatever one takes, another one gets back at once
          author.maybeCaught(
              50, Body.of("get", queue).add("put", queue, item), scope, "QueueShutDown");
    };
  }

  Body queueEnd(Scope scope) {
    String queue = author.awaitables.queue();
    return switch (dice.between(0, 6)) {
      case 0 -> author.maybeCaught(50, Body.of("join", queue), scope, "CancelledError");
      case 1 -> Body.of("wait_for", op("join", queue), author.times.limit()).except("TimeoutError");
      case 2 -> Body.of("shutdown", queue);
      case 3 -> Body.of("shutdown", queue, true);
      case 4, 5 -> Body.of("task_done", queue).except("ValueError");
      default -> Body.of("qsize", queue).add("full", queue).add("empty", queue);
    };
  }
}

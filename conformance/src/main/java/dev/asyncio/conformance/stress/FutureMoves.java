package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** Futures, and waiting for several at once. */
final class FutureMoves {

  private final Author author;
  private final CallbackMoves callbacks;
  private final Dice dice;
  private final Names names;

  FutureMoves(Author author, CallbackMoves callbacks) {
    this.author = author;
    this.callbacks = callbacks;
    this.dice = author.dice;
    this.names = author.names;
  }

  Body await(Scope scope) {
    return author.maybeCaught(40, Body.of("await", author.future()), scope, "Exception");
  }

  /** A future of its own that a timer will resolve. */
  Body makeNew(Scope scope) {
    String future = names.freshShared("n");
    String callback = callbacks.resolving(future);
    return Body.of("future", future)
        .add("call_later", null, author.times.any(), callback)
        .add(author.maybeCaught(40, Body.of("await", future), scope, "CancelledError"));
  }

  Body onDone(Scope scope) {
    String task = dice.percent(50) ? author.earlierTask(scope) : null;
    String future = task != null ? task : author.future();
    String callback = callbacks.whenDone();
    return switch (dice.between(0, 5)) {
      case 0 -> Body.of("remove_done", future, callback);
      case 1 -> Body.of("on_done", future, callback).add("on_done", future, callbacks.whenDone());
      case 2 ->
          Body.of("on_done", future, callback)
              .add(author.maybePause(50))
              .add("remove_done", future, callback);
      default -> Body.of("on_done", future, callback);
    };
  }

  Body gather(Scope scope) {
    Body gather = new Body().add(author.awaitables.gather(scope));
    return author.maybeCaught(35, gather, scope, "CancelledError");
  }

  Body shield(Scope scope) {
    JsonArray shield = op("shield", author.awaitables.any(scope));
    if (dice.percent(25)) {
      shield = op("wait_for", shield, author.times.limit());
    }
    return author.maybeCaught(45, new Body().add(shield), scope, "CancelledError");
  }

  Body waitUntil(Scope scope) {
    JsonArray wait = op("wait");
    for (int n = dice.between(1, 3); n > 0; n--) {
      wait.add(author.awaitables.future(scope));
    }
    var options = new JsonObject();
    if (dice.percent(75)) {
      options.addProperty(
          "return_when",
          dice.pick("FIRST_COMPLETED", "FIRST_EXCEPTION", "FIRST_EXCEPTION", "ALL_COMPLETED"));
    }
    if (dice.percent(55)) {
      options.addProperty("timeout", author.times.brief());
    }
    wait.add(options);
    return new Body().add(wait);
  }

  Body asCompleted(Scope scope) {
    String next = names.fresh("x");
    var awaitables = new JsonArray();
    for (int n = dice.between(1, 3); n > 0; n--) {
      awaitables.add(author.awaitables.any(scope));
    }
    Body body = Body.of("await", next);
    if (dice.percent(60)) {
      body = body.except(dice.pick("Exception", "BaseException"));
    }
    body.add(author.maybePause(25));
    Scope loop = scope.loop();
    if (dice.percent(20)) {
      body.add(author.body(loop, 1, 1));
    }
    if (dice.percent(10) && loop.mayBreak()) {
      body.add("break");
    }
    var options = new JsonObject();
    if (dice.percent(40)) {
      options.addProperty("timeout", author.times.any());
    }
    if (dice.percent(25)) {
      options.addProperty("plain", true);
    }
    Body block = Body.of("as_completed", next, awaitables, body, options);
    return dice.percent(50) ? block.except("TimeoutError") : block;
  }

  /**
   * A gather or a shield in a variable: somebody may cancel it before it is awaited, or instead.
   */
  Body keep(Scope scope) {
    JsonArray future =
        dice.percent(65)
            ? author.awaitables.gather(scope)
            : op("shield", author.awaitables.any(scope));
    String name = author.bind("g", scope.kept());
    Body body = Body.of("make", name, future).add(author.maybePause(60));
    if (dice.percent(40)) {
      body.add(author.acts.cancelling(name));
    }
    if (dice.percent(75)) {
      Body await = Body.of("await", name);
      body.add(dice.percent(50) ? await.except("BaseException") : await);
    }
    return dice.percent(40) ? body.add("state", name) : body;
  }
}

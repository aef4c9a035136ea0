package dev.asyncio.conformance.stress;

import static dev.asyncio.conformance.stress.Body.op;
import static dev.asyncio.conformance.stress.Body.option;

/** Context variables, and code that runs in other contexts. */
final class ContextMoves {

  private final Author author;
  private final CallbackMoves callbacks;
  private final Dice dice;
  private final Names names;

  ContextMoves(Author author, CallbackMoves callbacks) {
    this.author = author;
    this.callbacks = callbacks;
    this.dice = author.dice;
    this.names = author.names;
  }

  private String anyVariable() {
    return switch (dice.between(0, 9)) {
      case 0 -> names.object("cw", "ContextVar"); // without default
      case 1 -> names.object("cu", "ContextVar", 100);
      default -> cv();
    };
  }

  private String cv() {
    return names.object("cv", "ContextVar", 0);
  }

  Body variable() {
    String variable = anyVariable();
    if (dice.percent(35)) {
      return Body.of("var_get", variable).except("LookupError");
    }
    if (variable.equals("cw") || dice.percent(40)) {
      return Body.of("var_set", variable, dice.between(1, 9));
    }
    return Body.of("var_set", variable, op("+", op("var_get", variable), dice.between(1, 9)));
  }

  /** Sets a variable for a while. The token is shared, so another context may try to use it. */
  Body token(Scope scope) {
    String variable = cv();
    String token = names.freshShared("k");
    Body body =
        Body.of("var_set", variable, dice.between(1, 9), token)
            .add(author.inside(scope))
            .add(Body.of("var_reset", variable, token).except("ValueError", "RuntimeError"))
            .add("var_get", variable);
    if (dice.percent(25)) {
      String other = "k" + dice.between(1, 3);
      names.share(other);
      body.add(
          Body.of("var_reset", variable, other).except("ValueError", "RuntimeError", "NameError"));
    }
    return body;
  }

  Body context(Scope scope) {
    cv();
    names.callback(
        "bump", Body.of("var_set", "cv", op("+", op("var_get", "cv"), 10)).add("var_get", "cv"));
    names.callback("peek", Body.of("var_get", "cv").add("var_set", "cv", 50));
    if (dice.percent(40)) {
      return scheduled();
    }
    String context = dice.percent(70) ? names.fresh("x") : names.freshShared("x");
    Body use =
        switch (dice.between(0, 4)) {
          case 0 -> Body.of("ctx_run", context, "bump");
          case 1 -> Body.of("call_soon", null, "bump", option("context", context));
          case 2 ->
              Body.of("on_done", author.future(), callbacks.whenDone(), option("context", context));
          default -> inTask(scope, context);
        };
    return Body.of("copy_context", context)
        .add(use)
        .add(author.maybePause(70))
        .add(Body.of("ctx_get", context, "cv").except("KeyError"))
        .add(dice.percent(50) ? Body.of("ctx_run", context, "bump") : new Body());
  }

  private Body inTask(Scope scope, String context) {
    names.share(context);
    String sub = "in_" + context;
    Body inside = // the context is entered already
        Body.of("ctx_run", context, "bump").except("RuntimeError");
    names.coro(
        sub,
        Body.of("var_set", "cv", op("+", op("var_get", "cv"), 5))
            .add("tick", 1)
            .add("var_get", "cv")
            .add(dice.percent(50) ? inside : new Body()));
    String child = author.bind("c", scope.children());
    return Body.of(
        "spawn",
        child,
        dice.percent(60) ? op(sub) : author.coroutine(scope),
        option("context", context));
  }

  private Body scheduled() {
    Body body = dice.percent(70) ? Body.of("var_set", "cv", dice.between(1, 9)) : new Body();
    body.add(
        dice.percent(50)
            ? op("call_soon", null, "peek")
            : op("call_later", null, author.times.brief(), "peek"));
    if (dice.percent(40)) {
      body.add("var_set", "cv", dice.between(1, 9));
    }
    return body.add(author.pause()).add("var_get", "cv");
  }
}

package dev.asyncio.conformance.stress;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import org.jspecify.annotations.Nullable;

/** Statements one after the other, as the language writes them. */
final class Body {

  private final JsonArray statements = new JsonArray();

  /** A body with one statement. */
  static Body of(String op, @Nullable Object... arguments) {
    return new Body().add(op, arguments);
  }

  /** A list that begins with a word: a statement, an awaitable or an expression. */
  static JsonArray op(String op, @Nullable Object... arguments) {
    var list = new JsonArray();
    list.add(op);
    for (Object each : arguments) {
      list.add(json(each));
    }
    return list;
  }

  /** Options, to stand at the end of a list. */
  static JsonObject option(String key, @Nullable Object value) {
    var options = new JsonObject();
    options.add(key, json(value));
    return options;
  }

  Body add(String op, @Nullable Object... arguments) {
    statements.add(op(op, arguments));
    return this;
  }

  Body add(JsonArray statement) {
    statements.add(statement);
    return this;
  }

  Body add(Body more) {
    statements.addAll(more.statements);
    return this;
  }

  /** These statements with one kind of exception, or several, caught and forgotten. */
  Body except(String... kinds) {
    return of(
        "try", this, op("except", kinds.length == 1 ? kinds[0] : list(kinds), null, new Body()));
  }

  JsonArray json() {
    return statements;
  }

  static JsonArray list(String... texts) {
    var list = new JsonArray();
    for (String each : texts) {
      list.add(each);
    }
    return list;
  }

  private static JsonElement json(@Nullable Object value) {
    return switch (value) {
      case null -> JsonNull.INSTANCE;
      case JsonElement element -> element;
      case Body body -> body.statements;
      case String text -> new JsonPrimitive(text);
      case Boolean truth -> new JsonPrimitive(truth);
      case Number number -> new JsonPrimitive(number);
      default -> throw new IllegalArgumentException("no part of a program: " + value);
    };
  }
}

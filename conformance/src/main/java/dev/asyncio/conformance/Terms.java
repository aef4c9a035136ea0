package dev.asyncio.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads terms from JSON. */
final class Terms {

  private Terms() {}

  static Term read(JsonElement json) {
    return switch (json) {
      case JsonNull _ -> new Term.Literal(null);
      case JsonPrimitive primitive when primitive.isString() ->
          new Term.Name(primitive.getAsString());
      case JsonPrimitive primitive when primitive.isBoolean() ->
          new Term.Literal(primitive.getAsBoolean());
      case JsonPrimitive primitive -> new Term.Literal(primitive.getAsDouble());
      case JsonArray array -> readList(array.asList());
      default -> throw new BadProgram("options that do not end a statement: " + json);
    };
  }

  private static Term readList(List<JsonElement> elements) {
    if (!elements.isEmpty() && isString(elements.getFirst())) {
      return readCall(elements.getFirst().getAsString(), elements);
    }
    return new Term.Sequence(elements.stream().map(Terms::read).toList());
  }

  private static Term.Call readCall(String op, List<JsonElement> elements) {
    Map<String, Term> options = new LinkedHashMap<>();
    int end = elements.size();
    if (elements.getLast() instanceof JsonObject given) {
      given.asMap().forEach((key, value) -> options.put(key, read(value)));
      end--;
    }
    var args = new ArrayList<Term>(end - 1);
    for (JsonElement element : elements.subList(1, end)) {
      args.add(read(element));
    }
    return new Term.Call(op, List.copyOf(args), options);
  }

  private static boolean isString(JsonElement element) {
    return element instanceof JsonPrimitive primitive && primitive.isString();
  }
}

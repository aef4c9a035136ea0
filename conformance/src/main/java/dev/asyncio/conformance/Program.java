package dev.asyncio.conformance;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program: its coroutine functions and callbacks by name, the objects that all of them see, the
 * names of the variables that they share, and the coroutines to run one after the other.
 */
record Program(
    Map<String, Procedure> coros,
    Map<String, Procedure> callbacks,
    Map<String, Term.Call> objects,
    Set<String> shared,
    List<String> runs) {

  /** A coroutine function or a plain one: parameters and a body. */
  record Procedure(String name, List<String> parameters, Term body) {

    /** Reads what stands under a key such as {@code worker(n, m)}. */
    static Procedure read(String key, JsonElement body) {
      int bracket = key.indexOf('(');
      if (bracket < 0 || !key.endsWith(")")) {
        return new Procedure(key, List.of(), Terms.read(body));
      }
      List<String> parameters =
          List.of(key.substring(bracket + 1, key.length() - 1).strip().split("\\s*,\\s*"));
      return new Procedure(key.substring(0, bracket), parameters, Terms.read(body));
    }
  }

  static Program read(JsonObject json) {
    return new Program(
        procedures(json.get("coros")),
        procedures(json.get("callbacks")),
        objects(json.get("objects")),
        new LinkedHashSet<>(names(json.get("shared"), List.of())),
        names(json.get("runs"), List.of("main")));
  }

  Procedure coro(String name) {
    Procedure found = coros.get(name);
    if (found == null) {
      throw new BadProgram("there is no coroutine " + name);
    }
    return found;
  }

  private static Map<String, Procedure> procedures(@Nullable JsonElement json) {
    var found = new HashMap<String, Procedure>();
    if (json != null) {
      for (var entry : json.getAsJsonObject().entrySet()) {
        Procedure procedure = Procedure.read(entry.getKey(), entry.getValue());
        found.put(procedure.name(), procedure);
      }
    }
    return found;
  }

  private static Map<String, Term.Call> objects(@Nullable JsonElement json) {
    var found = new LinkedHashMap<String, Term.Call>();
    if (json != null) {
      for (var entry : json.getAsJsonObject().entrySet()) {
        if (!(Terms.read(entry.getValue()) instanceof Term.Call spec)) {
          throw new BadProgram("an object is [kind, argument...], not " + entry.getValue());
        }
        found.put(entry.getKey(), spec);
      }
    }
    return found;
  }

  private static List<String> names(@Nullable JsonElement json, List<String> otherwise) {
    if (json == null) {
      return otherwise;
    }
    return json.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
  }
}

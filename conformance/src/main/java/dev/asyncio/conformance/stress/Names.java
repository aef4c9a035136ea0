package dev.asyncio.conformance.stress;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a program declares: objects, shared variables, coroutine functions and callbacks. */
final class Names {

  private final Map<String, JsonArray> objects = new LinkedHashMap<>();
  private final Set<String> shared = new LinkedHashSet<>();
  private final Map<String, Body> coros = new LinkedHashMap<>();
  private final Map<String, Body> callbacks = new LinkedHashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final List<String> runs = new ArrayList<>();

  /** A name that has not been used yet. */
  String fresh(String prefix) {
    return prefix + counts.merge(prefix, 1, Integer::sum);
  }

  /** A name that has not been used yet, of a variable that all bodies see. */
  String freshShared(String prefix) {
    return share(fresh(prefix));
  }

  String share(String name) {
    shared.add(name);
    return name;
  }

  /** Declares an object unless there is one of that name. */
  String object(String name, String kind, @Nullable Object... arguments) {
    objects.putIfAbsent(name, Body.op(kind, arguments));
    return name;
  }

  /** The names of the objects of some kinds that have been declared so far. */
  List<String> objectsOf(String... kinds) {
    var wanted = Set.of(kinds);
    return objects.entrySet().stream()
        .filter(entry -> wanted.contains(entry.getValue().get(0).getAsString()))
        .map(Map.Entry::getKey)
        .toList();
  }

  void coro(String signature, Body body) {
    coros.putIfAbsent(signature, body);
  }

  /** Declares a callback unless there is one of that name; parameters in brackets. */
  void callback(String signature, Body body) {
    callbacks.putIfAbsent(signature, body);
  }

  boolean hasCallback(String signature) {
    return callbacks.containsKey(signature);
  }

  void run(String coroutine) {
    runs.add(coroutine);
  }

  JsonObject program() {
    var program = new JsonObject();
    if (!objects.isEmpty()) {
      var specs = new JsonObject();
      objects.forEach(specs::add);
      program.add("objects", specs);
    }
    if (!shared.isEmpty()) {
      program.add("shared", Body.list(shared.toArray(String[]::new)));
    }
    program.add("coros", bodies(coros));
    if (!callbacks.isEmpty()) {
      program.add("callbacks", bodies(callbacks));
    }
    program.add("runs", Body.list(runs.toArray(String[]::new)));
    return program;
  }

  private static JsonObject bodies(Map<String, Body> named) {
    var all = new JsonObject();
    named.forEach((signature, body) -> all.add(signature, body.json()));
    return all;
  }
}

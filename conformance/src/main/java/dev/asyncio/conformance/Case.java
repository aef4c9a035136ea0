package dev.asyncio.conformance;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.StringReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program with the run that was recorded of it. */
record Case(String id, String area, JsonObject program, Run recorded) {

  /** What a program does: the lines that it emits and how it ends. */
  record Run(List<String> trace, String outcome) {}

  /**
   * Reads one line of a file of cases.
   *
   * @throws IllegalArgumentException when the line is no recorded case; the message says why
   */
  static Case read(String line) {
    try {
      var reader = new JsonReader(new StringReader(line));
      reader.setStrictness(Strictness.STRICT);
      if (!(JsonParser.parseReader(reader) instanceof JsonObject json)) {
        throw new IllegalArgumentException("a case is a JSON object");
      }
      List<String> trace =
          part(json, "trace").getAsJsonArray().asList().stream()
              .map(JsonElement::getAsString)
              .toList();
      return new Case(
          part(json, "id").getAsString(),
          part(json, "area").getAsString(),
          part(json, "program").getAsJsonObject(),
          new Run(trace, part(json, "outcome").getAsString()));
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new IllegalArgumentException("not a recorded case: " + e.getMessage(), e);
    }
  }

  private static JsonElement part(JsonObject json, String key) {
    @Nullable JsonElement found = json.get(key);
    if (found == null) {
      throw new IllegalArgumentException("the case has no \"" + key + "\"");
    }
    return found;
  }
}

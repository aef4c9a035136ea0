package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class LabelsTest {

  @Test
  void operations_show_their_arguments_and_no_options() {
    assertEquals("put(q, +(n, 1))", label("['put', 'q', ['+', 'n', 1]]"));
    assertEquals(
        "gather(ok(0.5, 1), t1)",
        label("['gather', ['ok', 0.5, 1, {'a': 1}], 't1', {'return_exceptions': true}]"));
    assertEquals("spawn(t, w())", label("['spawn', 't', ['w']]"));
  }

  @Test
  void constants_are_written_as_in_python() {
    assertEquals(
        "f(None, True, False, 3, -1, 0.25)", label("['f', null, true, false, 3.0, -1, 0.25]"));
    assertEquals("f(0.25000001)", label("['f', 0.25000001]"));
  }

  @Test
  void other_lists_are_written_as_lists() {
    assertEquals("f([1, [], g(2)])", label("['f', [1, [], ['g', 2]]]"));
  }

  @Test
  void blocks_and_ends_of_bodies_have_short_labels() {
    assertEquals("return", label("['return', ['+', 1, 2]]"));
    assertEquals("raise", label("['raise', ['KeyError', 'k']]"));
    assertEquals("with(lock)", label("['with', 'lock', [['tick']]]"));
    assertEquals("timeout(t, None)", label("['timeout', 't', null, [['tick']]]"));
    assertEquals("as_completed(f)", label("['as_completed', 'f', ['a', 'b'], []]"));
  }

  private static String label(String json) {
    return Labels.of(Terms.read(JsonParser.parseString(json.replace('\'', '"'))));
  }
}

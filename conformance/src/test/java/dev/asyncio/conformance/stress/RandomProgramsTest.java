package dev.asyncio.conformance.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import dev.asyncio.conformance.stress.RandomPrograms.RandomProgram;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RandomProgramsTest {

  private static final int MANY = 1400;

  @Test
  void a_seed_and_a_number_make_the_same_program_every_time() {
    for (int number = 0; number < 50; number++) {
      assertEquals(
          Stress.lineOf(new RandomPrograms(7).program(number)),
          Stress.lineOf(new RandomPrograms(7).program(number)));
    }
  }

  @Test
  void seeds_and_numbers_make_different_programs() {
    var lines = new HashSet<JsonElement>();
    for (long seed = 1; seed <= 3; seed++) {
      for (int number = 0; number < 100; number++) {
        assertTrue(lines.add(new RandomPrograms(seed).program(number).json()));
      }
    }
  }

  @Test
  void all_areas_take_their_turns() {
    var programs = new RandomPrograms(1);
    var areas = new HashSet<String>();
    for (int number = 0; number < Area.values().length; number++) {
      areas.add(programs.program(number).area());
    }
    assertEquals(Area.values().length, areas.size());
  }

  @Test
  void every_statement_of_the_language_occurs() {
    Set<String> words = words();
    Stream.of(
            "tick sleep log raise return try except finally if for while break",
            "spawn await make cancel uncancel set_name get_name all_tasks state cancelling",
            "gather shield wait wait_for as_completed timeout timeout_at reschedule expired",
            "taskgroup tg_spawn future set_result set_exception on_done remove_done done",
            "with acquire release locked event_wait set clear cond_wait cond_wait_for",
            "notify notify_all barrier_wait barrier_reset barrier_abort put get join put_nowait",
            "get_nowait task_done shutdown call_soon call_later call_at cancel_handle stop",
            "var_set var_get var_reset copy_context ctx_run ctx_get task_factory eager_start")
        .flatMap(line -> Stream.of(line.split(" ")))
        .forEach(word -> assertTrue(words.contains(word), word));
  }

  private static Set<String> words() {
    var words = new HashSet<String>();
    var programs = new RandomPrograms(1);
    for (int number = 0; number < MANY; number++) {
      String line = Stress.lineOf(programs.program(number));
      words.addAll(List.of(line.split("\\W+")));
    }
    return words;
  }

  @Test
  void a_program_has_a_name_that_tells_where_it_came_from() {
    RandomProgram program = new RandomPrograms(12).program(34);
    assertEquals("stress-" + program.area() + "-12-34", program.id());
    assertNotEquals(0, program.json().getAsJsonObject("coros").getAsJsonArray("main").size());
  }
}

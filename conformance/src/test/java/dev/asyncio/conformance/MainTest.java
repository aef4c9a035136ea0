package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MainTest {

  private static final String CASE =
      """
      {"id":"%s","area":"%s","program":{"coros":{"main":[["tick"]]}},\
      "trace":["0.000 main: tick 1","0.000 -: run(main)","0.000 -: closed"],"outcome":"%s"}
      """;

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void cases_of_folders_and_files_are_run_and_counted() throws Exception {
    Path file = write("a.jsonl", CASE.formatted("one", "x", "returned None"));
    write("b.jsonl", CASE.formatted("two", "y", "deadlock") + "\n");

    assertEquals(1, run(folder.toString()));
    assertEquals("conformance: 1 of 2", lastLine());
    assertEquals(0, run(file.toString()));
    assertEquals("conformance: 1 of 1", lastLine());
    assertEquals(0, run(folder.toString(), "--area", "x", "--engine", "portable"));
    assertEquals("conformance: 1 of 1", lastLine());
  }

  @Test
  void bad_arguments_are_refused_with_one_line() throws Exception {
    write("a.jsonl", CASE.formatted("one", "x", "returned None"));
    Path torn = Files.writeString(folder.resolve("torn.txt"), "{\"id\": \n");
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertRefused("unknown option --fast", "--fast");
    assertRefused("--engine needs a value", "--engine");
    assertRefused("unknown engine steam", "--engine", "steam");
    assertRefused("no such file or folder: " + folder.resolve("none"), "" + folder.resolve("none"));
    assertRefused("no .jsonl file in " + empty, empty.toString());
    assertRefused("no case is in area z; there are [x]", folder.toString(), "--area", "z");
    assertRefused(torn + ":1: not a recorded case", torn.toString());
    assertRefused("--stress takes numbers: [many]", "--stress", "many");
    assertRefused("--stress takes a seed and a count", "--stress", "1", "2", "3");
    assertRefused("--stress runs one program at least", "--stress", "1", "0");
    assertRefused("--print goes with --stress", "--print");
  }

  @Test
  void random_programs_are_run_and_counted() throws Exception {
    assertEquals(0, run("--stress", "3", "5"));
    assertEquals("stress: 5 of 5", lastLine());
    assertEquals(0, run("--stress", "3", "5", "--engine", "portable"));
    assertEquals("5 programs of seed 3 on [portable]", lines().getFirst());
  }

  @Test
  void random_programs_are_printed_on_request() throws Exception {
    assertEquals(0, run("--stress", "3", "2", "--print"));
    assertEquals(2, lines().size());
    assertTrue(lastLine().startsWith("{\"id\":\"stress-"), lastLine());
  }

  @Test
  void help_is_printed_on_request() throws Exception {
    assertEquals(0, run("--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("usage: conformance"));
  }

  private void assertRefused(String message, String... args) throws Exception {
    assertEquals(2, run(args));
    List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(1, lines.size(), () -> "one line: " + lines);
    assertTrue(lines.getFirst().startsWith("conformance: " + message), lines.getFirst());
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private int run(String... args) throws InterruptedException {
    out.reset();
    err.reset();
    return Main.run(new PrintStream(out, true), new PrintStream(err, true), args);
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private String lastLine() {
    return lines().getLast();
  }
}

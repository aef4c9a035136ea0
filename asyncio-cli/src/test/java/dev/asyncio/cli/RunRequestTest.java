package dev.asyncio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.asyncio.cli.CommandLineInterface.Run;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick way to read a command line, held against the parser that it stands in for. */
class RunRequestTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run A.java",
        "run --debug A.java",
        "run --no-cache A.java",
        "run --engine carried A.java",
        "run --engine=portable A.java",
        "run --debug --engine portable A.java",
        "run A.java --debug --engine nonsense -h",
        "run A.java B.java --",
        "run --engine=carried --debug A.java -- x"
      })
  void it_reads_the_same(String line) {
    String[] args = line.split(" ");
    var parsed = CommandLineInterface.parser().parseArgs(args).subcommand().commandSpec();
    assertEquals(((Run) parsed.userObject()).request(), RunRequest.parsePlain(args));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "run --debug",
        "run --help",
        "run --version",
        "run -x A.java",
        "run -- A.java",
        "run --engine",
        "run --engine carried",
        "run --engine fast A.java",
        "run --engine= A.java",
        "run --engine carried --engine carried A.java",
        "--version",
        "walk A.java"
      })
  void it_leaves_all_else_to_the_parser(String line) {
    assertNull(RunRequest.parsePlain(line.split(" ")));
  }

  @Test
  void an_empty_argument_is_an_argument() {
    var expected = new RunRequest("A.java", List.of("", ""), false, null, true);
    assertEquals(expected, RunRequest.parsePlain(new String[] {"run", "A.java", "", ""}));
  }
}

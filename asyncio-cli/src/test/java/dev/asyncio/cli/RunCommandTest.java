package dev.asyncio.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.cli.Script.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code asyncio run}, through the real script: exit status, messages, what a program gets. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RunCommandTest {
  @TempDir Path folder;
  private Script script;

  @BeforeEach
  void makeScript() {
    script = new Script(folder);
  }

  // --- what a program gets

  @Test
  void arguments_after_the_file_reach_the_program_untouched() throws Exception {
    script.write("Echo.java", "void main(String[] args) { IO.println(List.of(args)); }");
    Ended ended = script.run("Echo.java", "--debug", "a  b", "", "*", "--", "-h");
    assertEquals(new Ended(0, "[--debug, a  b, , *, --, -h]\n", ""), ended);
  }

  @Test
  void stdin_passes_through() throws Exception {
    script.write("Shout.java", "void main() { IO.println(IO.readln().toUpperCase()); }");
    Process process = script.start(Script.HOME.resolve("asyncio"), List.of("run", "Shout.java"));
    process.getOutputStream().write("hello\n".getBytes(UTF_8));
    assertEquals("HELLO\n", Script.end(process).out());
  }

  @Test
  void the_engine_option_chooses_the_engine() throws Exception {
    script.write(
        "Which.java",
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        void main() { IO.println(run(async(() -> runningLoop().engineKind()))); }
        """);
    for (String engine : List.of("carried", "portable")) {
      assertEquals(
          engine + "\n", script.call(List.of("run", "--engine=" + engine, "Which.java")).out());
    }
  }

  @Test
  void the_collector_is_the_serial_one_unless_another_is_named() throws Exception {
    script.write(
        "Collector.java",
        """
        import static java.lang.management.ManagementFactory.getGarbageCollectorMXBeans;
        void main() { getGarbageCollectorMXBeans().forEach(part -> IO.println(part.getName())); }
        """);
    String asOnTwoCores = "-XX:ActiveProcessorCount=2 -XX:+UseGCOverheadLimit"; // names none
    script.with("JDK_JAVA_OPTIONS", asOnTwoCores);
    assertCollector("Copy");
    script.with("JDK_JAVA_OPTIONS", "-Xmx64m -XX:+UseParallelGC");
    assertCollector("PS Scavenge");
    Path options = script.write("options", "-XX:+UseG1GC");
    script.with("JDK_JAVA_OPTIONS", "@" + options);
    assertCollector("G1 Young Generation");
  }

  private void assertCollector(String part) throws Exception {
    Ended ended = script.run("Collector.java");
    assertTrue(ended.out().lines().anyMatch(part::equals), ended.toString());
  }

  @Test
  void the_debug_option_turns_debug_mode_on() throws Exception {
    script.write(
        "Debug.java",
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        void main() { IO.println(run(async(() -> runningLoop().getDebug()))); }
        """);
    assertEquals("false\n", script.run("Debug.java").out());
    assertEquals("true\n", script.run("--debug", "Debug.java").out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import dev.asyncio.*;\n",
        "import module dev.asyncio;\nimport dev.asyncio.*;\n",
        "import module dev.asyncio;\n"
      })
  void the_library_can_be_imported_as_packages_and_as_a_module(String imports) throws Exception {
    script.write(
        "Nap.java",
        imports
            + """
            void main() {
              Asyncio.run(Asyncio.async(() -> {
                Asyncio.await(Asyncio.sleep(java.time.Duration.ofMillis(1)));
                IO.println("rested");
              }));
            }
            """);
    assertEquals(new Ended(0, "rested\n", ""), script.run("Nap.java"));
  }

  @Test
  void other_source_files_are_found_by_package_and_name() throws Exception {
    script.write("app/Main.java", "package app; class Main { void main() { app.text.Say.it(); } }");
    script.write(
        "app/text/Say.java",
        "package app.text; public class Say { public static void it() { IO.println(\"said\"); } }");
    assertEquals(new Ended(0, "said\n", ""), script.run("app/Main.java"));
  }

  @Test
  void it_works_from_any_folder_through_a_link_and_with_spaces() throws Exception {
    Path odd = Files.createDirectory(folder.resolve("an odd folder"));
    script.write("an odd folder/A program.java", "class P { void main() { IO.println(1); } }");
    Path link = Files.createSymbolicLink(odd.resolve("a link"), Script.HOME.resolve("asyncio"));
    Path relative =
        Files.createSymbolicLink(folder.resolve("again"), Path.of("an odd folder/a link"));
    Ended one = new Ended(0, "1\n", "");
    assertEquals(one, script.call(link, List.of("run", "an odd folder/A program.java")));
    assertEquals(one, script.in(odd).call(relative, List.of("run", "A program.java")));
    Files.delete(link);
    Files.delete(relative);
  }

  // --- compiling

  @Test
  void compile_errors_read_as_those_of_javac() throws Exception {
    script.write(
        "Wrong.java",
        """
        void main() {
          int x = "text";
          y();
        }
        """);
    Ended ended = script.run("Wrong.java");
    Process javac =
        new ProcessBuilder(System.getProperty("java.home") + "/bin/javac", "Wrong.java")
            .directory(folder.toFile())
            .start();
    assertEquals(new Ended(1, "", Script.end(javac).err()), ended);
    assertTrue(ended.err().endsWith("2 errors\n"), ended.err());
  }

  @Test
  void a_coroutine_that_nobody_awaits_is_a_compile_error_that_names_the_mend() throws Exception {
    script.write(
        "Forgotten.java",
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        Coroutine<Void> greet() { return async(() -> IO.println("hello")); }
        void main() { run(async(() -> { greet(); })); }
        """);
    Ended ended = script.run("Forgotten.java");
    assertEquals(1, ended.status());
    assertEquals("", ended.out());
    assertTrue(ended.err().contains("Forgotten.java:4: error"), ended.err());
    assertTrue(ended.err().contains("await(greet())"), ended.err());
  }

  @Test
  void a_changed_source_is_compiled_again() throws Exception {
    script.write("Main.java", "void main() { IO.println(Other.TEXT); }");
    script.write("Other.java", "class Other { static final String TEXT = \"one\"; }");
    assertEquals("one\n", script.run("Main.java").out());
    script.write("Other.java", "class Other { static final String TEXT = \"two\"; }");
    assertEquals("two\n", script.run("Main.java").out());
  }

  @Test
  void a_source_that_comes_is_found_in_place_of_the_librarys_class() throws Exception {
    script.write(
        "Main.java",
        "import dev.asyncio.*; void main() { IO.println(Queue.class.getPackageName()); }");
    assertEquals("dev.asyncio\n", script.run("Main.java").out());
    script.write("Queue.java", "class Queue {}");
    assertEquals("\n", script.run("Main.java").out());
    Files.delete(folder.resolve("Queue.java"));
    assertEquals("dev.asyncio\n", script.run("Main.java").out());
  }

  @Test
  void warnings_are_shown_at_every_run() throws Exception {
    script.write("Old.java", "void main() { IO.println(new Integer(1)); }");
    Ended first = script.run("Old.java");
    assertEquals("1\n", first.out());
    assertTrue(
        first.err().startsWith("Note: Old.java uses or overrides a deprecated"), first.err());
    assertEquals(first, script.run("Old.java"));
  }

  @Test
  void an_unchanged_program_runs_without_the_compiler_and_says_the_same() throws Exception {
    script.write(
        "Fails.java",
        """
        void main(String[] args) {
          IO.println(args.length);
          throw new IllegalStateException(Text.of(args[0]));
        }
        """);
    script.write("Text.java", "class Text { static String of(String s) { return \"no \" + s; } }");
    Ended first = script.run("Fails.java", "luck");
    assertEquals("1\n", first.out());
    assertTrue(first.err().contains("Fails.java:3)"), first.err());
    assertEquals(first, script.run("Fails.java", "luck"));

    script.with("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + folder.resolve("loaded"));
    assertEquals(first.out(), script.run("Fails.java", "luck").out());
    assertFalse(loaded("com.sun.tools.javac"), "the compiler was there");
    assertEquals(first.out(), script.run("--no-cache", "Fails.java", "luck").out());
    assertTrue(loaded("com.sun.tools.javac"), "no compiler");
  }

  private boolean loaded(String prefix) throws IOException {
    try (var lines = Files.lines(folder.resolve("loaded"))) {
      return lines.anyMatch(line -> line.contains(" " + prefix));
    }
  }

  @Test
  void without_a_cache_nothing_is_kept() throws Exception {
    script.write("A.java", "void main() { IO.println(1); }");
    assertEquals(new Ended(0, "1\n", ""), script.run("--no-cache", "A.java"));
    assertFalse(Files.exists(folder.resolve("cache/asyncio")));
  }

  @Test
  void where_nothing_can_be_kept_programs_run_all_the_same() throws Exception {
    Path file = script.write("A.java", "void main() { IO.println(1); }");
    script.with("ASYNCIO_CACHE", file + "/below a file");
    assertEquals(new Ended(0, "1\n", ""), script.run("A.java"));
    assertEquals(new Ended(0, "1\n", ""), script.run("A.java"));
  }

  // --- ends

  @Test
  void an_uncaught_exception_shows_who_awaited_and_exits_with_1() throws Exception {
    script.write(
        "Fails.java",
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        import static java.time.Duration.*;

        Coroutine<Void> inner() {
          return async(() -> {
            await(sleep(ofMillis(1)));
            throw new IllegalArgumentException("no good");
          });
        }

        Coroutine<Void> outer() {
          return async(() -> {
            await(createTask(inner()));
          });
        }

        void main() {
          run(outer());
        }
        """);
    Ended ended = script.run("Fails.java");
    assertAll(
        () -> assertEquals(1, ended.status()),
        () -> assertTrue(ended.err().contains("IllegalArgumentException: no good"), ended.err()),
        () -> assertTrue(ended.err().contains("Fails.java:8)"), "where it failed: " + ended.err()),
        () -> assertTrue(ended.err().contains("Fails.java:14)"), "who awaited: " + ended.err()),
        () -> assertTrue(!ended.err().contains("dev.asyncio.cli"), ended.err()),
        () -> assertTrue(!ended.err().contains("reflect"), ended.err()));
  }

  @Test
  void system_exit_of_the_library_sets_the_exit_status() throws Exception {
    script.write("Ends.java", "void main() { throw new dev.asyncio.SystemExit(7); }");
    assertEquals(new Ended(7, "", ""), script.run("Ends.java"));
  }

  // --- what cannot be run: one line, exit status 2

  @Test
  void a_missing_file_a_directory_and_other_files_are_refused() throws Exception {
    script.write("notes.txt", "");
    assertRefused("no such file: Nowhere.java", script.run("Nowhere.java"));
    assertRefused("is a directory", script.run("."));
    assertRefused("does not end in .java", script.run("notes.txt"));
  }

  @Test
  void an_unreadable_file_is_refused() throws Exception {
    Path file = script.write("Secret.java", "void main() {}");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w-------"));
    Assumptions.assumeFalse(Files.isReadable(file), "this user can read everything");
    assertRefused("cannot be read", script.run("Secret.java"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class A {}",
        "record A(int main) {}",
        "class A { private static void main() {} }",
        "class A { static int main() { return 1; } }",
        "int x;",
        ""
      })
  void a_file_without_main_is_refused(String source) throws Exception {
    script.write("A.java", source);
    assertRefused("A.java has no main method", script.run("A.java"));
  }

  @Test
  void an_instance_main_needs_a_constructor_without_parameters() throws Exception {
    script.write("A.java", "class A { A(int x) {} void main() {} }");
    assertRefused("no constructor without parameters", script.run("A.java"));
  }

  @Test
  void mistakes_on_the_command_line_are_named() throws Exception {
    script.write("A.java", "void main() {}");
    assertRefused("'--engine'", script.call(List.of("run", "--engine", "fast", "A.java")));
    assertRefused(
        "neither carried nor portable", script.call(List.of("run", "--engine", "fast", "A.java")));
    assertRefused("'--fast'", script.call(List.of("run", "--fast", "A.java")));
    assertRefused("'FILE.java'", script.call(List.of("run")));
    assertRefused("did you mean: asyncio run A.java", script.call(List.of("A.java")));
    assertRefused("subcommand", script.call(List.of()));
  }

  private static void assertRefused(String reason, Ended ended) {
    assertAll(
        () -> assertEquals(2, ended.status(), ended.err()),
        () -> assertEquals("", ended.out()),
        () -> assertEquals(1, ended.err().lines().count(), ended.err()),
        () -> assertTrue(ended.err().startsWith("asyncio: "), ended.err()),
        () -> assertTrue(ended.err().contains(reason), ended.err()));
  }

  // --- help

  @Test
  void help_and_version_go_to_stdout() throws Exception {
    Ended help = script.call(List.of("run", "--help"));
    assertEquals(0, help.status());
    for (String option :
        List.of("--debug", "--engine", "--no-cache", "carried or portable", "FILE.java")) {
      assertTrue(help.out().contains(option), help.out());
    }
    Ended version = script.call(List.of("--version"));
    assertEquals(0, version.status());
    assertTrue(version.out().matches("asyncio \\d[^\\n]*\\nJava 25[^\\n]*\\n"), version.out());
  }
}

package dev.asyncio.javac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.util.JavacTask;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeverAwaitedTest {

  @TempDir Path classes;

  @Test
  void a_call_that_is_the_whole_statement_is_an_error_that_names_the_mend() {
    List<String> errors = errorsIn("greet();");
    assertEquals(1, errors.size(), errors.toString());
    assertTrue(errors.getFirst().contains("never awaited"), errors.getFirst());
    assertTrue(errors.getFirst().contains("await(greet())"), errors.getFirst());
    assertTrue(errors.getFirst().contains("createTask"), errors.getFirst());
  }

  @Test
  void library_coroutines_count_as_well() {
    assertEquals(1, errorsIn("sleep(java.time.Duration.ZERO);").size());
    assertEquals(1, errorsIn("new Lock().acquire();").size());
    assertEquals(1, errorsIn("async(() -> {});").size());
  }

  @Test
  void a_lambda_that_stands_for_a_plain_callback_is_an_error() {
    assertEquals(1, errorsIn("Runnable r = () -> greet();").size());
    assertEquals(1, errorsIn("runningLoop().callSoon(() -> greet());").size());
  }

  @Test
  void a_method_reference_that_stands_for_a_plain_callback_is_an_error() {
    assertEquals(1, errorsIn("Runnable r = this::greet;").size());
  }

  @Test
  void awaiting_a_coroutine_that_gives_a_coroutine_and_dropping_that_is_an_error() {
    assertEquals(1, errorsIn("await(async(() -> greet()));").size());
  }

  @Test
  void what_is_awaited_made_a_task_kept_or_closed_is_fine() {
    assertEquals(
        List.of(),
        errorsIn(
            """
            await(greet());
            greet().await();
            createTask(greet());
            var kept = greet();
            kept.close();
            java.util.concurrent.Callable<Object> c = () -> greet();
            java.util.function.Supplier<Object> s = this::greet;
            """));
  }

  @Test
  void a_generic_method_that_gives_back_what_it_was_given_is_fine() {
    assertEquals(
        List.of(),
        errorsIn("new java.util.HashMap<String, Coroutine<Void>>().put(\"a\", greet());"));
  }

  private List<String> errorsIn(String statements) {
    String source =
        """
        import dev.asyncio.*;
        import static dev.asyncio.Asyncio.*;
        class Sample {
          Coroutine<Void> greet() { return async(() -> {}); }
          void sample() throws Exception {
            %s
          }
        }
        """
            .formatted(statements);
    var found = new DiagnosticCollector<JavaFileObject>();
    var file =
        new SimpleJavaFileObject(URI.create("string:///Sample.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    var options =
        List.of(
            "-proc:none",
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    var task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, found, options, null, List.of(file));
    AsyncioPlugin.watch(task);
    boolean compiled = task.call();
    var errors = new ArrayList<String>();
    for (var diagnostic : found.getDiagnostics()) {
      if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
        errors.add(diagnostic.getMessage(null));
      }
    }
    assertEquals(errors.isEmpty(), compiled);
    return errors;
  }
}

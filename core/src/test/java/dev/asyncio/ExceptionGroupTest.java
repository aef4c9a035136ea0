package dev.asyncio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExceptionGroupTest {
  private final IOException io = new IOException("io");
  private final FileNotFoundException missing = new FileNotFoundException("missing");
  private final ArithmeticException arithmetic = new ArithmeticException("arithmetic");
  private final ExceptionGroup inner = new ExceptionGroup("inner", List.of(missing, arithmetic));
  private final ExceptionGroup outer = new ExceptionGroup("outer", List.of(io, inner));

  private static String printed(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  // ---- what it is

  @Test
  void the_message_tells_the_number_of_members() {
    assertEquals("outer (2 sub-exceptions)", outer.getMessage());
    assertEquals("outer", outer.message());
    assertEquals("one (1 sub-exception)", new ExceptionGroup("one", List.of(io)).getMessage());
  }

  @Test
  void members_are_kept_in_order_and_cannot_be_changed() {
    List<Throwable> given = new ArrayList<>(List.of(io, arithmetic));
    ExceptionGroup group = new ExceptionGroup("group", given);
    given.clear();
    assertEquals(List.of(io, arithmetic), group.exceptions());
    assertThrows(UnsupportedOperationException.class, () -> group.exceptions().clear());
  }

  @Test
  void a_group_of_nothing_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> new ExceptionGroup("none", List.of()));
  }

  @Test
  void members_are_suppressed_exceptions_too_for_tools_that_show_those() {
    assertArrayEquals(new Throwable[] {io, inner}, outer.getSuppressed());
  }

  @Test
  void a_leaf_that_no_ordinary_handler_may_keep_makes_it_a_base_exception_group() {
    assertFalse(outer.isBaseExceptionGroup());
    for (Throwable leaf :
        List.of(new CancelledError(), new KeyboardInterrupt(), new SystemExit(3))) {
      ExceptionGroup deep = new ExceptionGroup("deep", List.of(leaf));
      assertTrue(new ExceptionGroup("group", List.of(io, deep)).isBaseExceptionGroup());
    }
    assertFalse(new ExceptionGroup("group", List.of(new AssertionError())).isBaseExceptionGroup());
  }

  @Test
  void it_survives_serialisation_with_its_members() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(outer);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      ExceptionGroup copy = (ExceptionGroup) in.readObject();
      assertEquals("outer", copy.message());
      assertEquals("io", copy.exceptions().get(0).getMessage());
      assertEquals(2, ((ExceptionGroup) copy.exceptions().get(1)).exceptions().size());
    }
  }

  // ---- taking apart

  @Test
  void a_split_keeps_the_shape_in_both_parts() {
    var parts = outer.split(IOException.class::isInstance);
    ExceptionGroup matching = parts.matching();
    ExceptionGroup rest = parts.rest();
    assertNotNull(matching);
    assertNotNull(rest);
    assertEquals("outer (2 sub-exceptions)", matching.getMessage());
    assertSame(io, matching.exceptions().get(0));
    ExceptionGroup within = (ExceptionGroup) matching.exceptions().get(1);
    assertEquals("inner", within.message());
    assertEquals(List.of(missing), within.exceptions());
    assertEquals(1, rest.exceptions().size());
    assertEquals(List.of(arithmetic), ((ExceptionGroup) rest.exceptions().get(0)).exceptions());
  }

  @Test
  void a_part_that_would_be_empty_is_null_and_one_that_is_all_is_the_group_itself() {
    var all = outer.split(leaf -> true);
    assertSame(outer, all.matching());
    assertNull(all.rest());
    var none = outer.split(leaf -> false);
    assertNull(none.matching());
    assertSame(outer, none.rest());
    assertNull(outer.subgroup(CancelledError.class::isInstance));
  }

  @Test
  void conditions_see_the_leaves_and_no_group() {
    List<Throwable> seen = new ArrayList<>();
    outer.split(leaf -> {
      seen.add(leaf);
      return true;
    });
    assertEquals(List.of(io, missing, arithmetic), seen);
    // Though a group is a RuntimeException, the IOExceptions in it are none.
    ExceptionGroup runtime = outer.subgroup(RuntimeException.class::isInstance);
    assertNotNull(runtime);
    assertEquals(List.of(arithmetic), ((ExceptionGroup) runtime.exceptions().get(0)).exceptions());
  }

  @Test
  void a_part_keeps_trace_cause_and_what_was_suppressed() {
    ExceptionGroup group = new ExceptionGroup("group", List.of(io, arithmetic));
    group.initCause(missing);
    IllegalStateException extra = new IllegalStateException("close failed");
    group.addSuppressed(extra);
    ExceptionGroup part = group.subgroup(IOException.class::isInstance);
    assertNotNull(part);
    assertArrayEquals(group.getStackTrace(), part.getStackTrace());
    assertSame(missing, part.getCause());
    assertArrayEquals(new Throwable[] {io, extra}, part.getSuppressed());
  }

  @Test
  void parts_of_a_subclass_are_made_by_it() {
    class Failures extends ExceptionGroup {
      private static final long serialVersionUID = 1L;

      Failures(String message, List<? extends Throwable> exceptions) {
        super(message, exceptions);
      }

      @Override
      public ExceptionGroup derive(List<? extends Throwable> exceptions) {
        return new Failures(message(), exceptions);
      }
    }
    var parts = new Failures("mine", List.of(io, arithmetic)).split(IOException.class::isInstance);
    assertTrue(parts.matching() instanceof Failures);
    assertTrue(parts.rest() instanceof Failures);
  }

  // ---- handling

  @Test
  void handling_gives_the_leaves_of_the_type_and_throws_the_rest() {
    List<Throwable> handled = new ArrayList<>();
    ExceptionGroup rest =
        assertThrows(ExceptionGroup.class, () -> outer.handle(IOException.class, handled::add));
    assertEquals(1, handled.size());
    assertEquals("outer (2 sub-exceptions)", handled.get(0).getMessage());
    assertEquals("outer (1 sub-exception)", rest.getMessage());
    assertEquals(List.of(arithmetic), ((ExceptionGroup) rest.exceptions().get(0)).exceptions());
  }

  @Test
  void handling_everything_ends_normally() {
    List<Throwable> handled = new ArrayList<>();
    outer.handle(Exception.class, handled::add);
    assertEquals(List.of(outer), handled);
  }

  @Test
  void a_handler_of_what_is_not_there_is_not_called_and_the_group_itself_goes_on() {
    ExceptionGroup thrown =
        assertThrows(
            ExceptionGroup.class,
            () ->
                outer.handle(
                    TimeoutException.class,
                    timeouts -> {
                      throw new AssertionError("called");
                    }));
    assertSame(outer, thrown);
  }

  @Test
  void each_leaf_goes_to_the_first_clause_that_takes_it() {
    List<String> calls = new ArrayList<>();
    outer.handle(clauses ->
        clauses
            .on(FileNotFoundException.class, group -> calls.add("missing " + group.message()))
            .on(IOException.class, group -> calls.add("io " + group.exceptions()))
            .on(IOException.class, group -> calls.add("never"))
            .on(RuntimeException.class, group -> calls.add("runtime")));
    assertEquals(List.of("missing outer", "io [" + io + "]", "runtime"), calls);
  }

  @Test
  void what_a_handler_throws_comes_out_in_a_group_with_the_rest_behind_it() {
    IllegalStateException failure = new IllegalStateException("handler failed");
    List<String> calls = new ArrayList<>();
    ExceptionGroup thrown =
        assertThrows(
            ExceptionGroup.class,
            () ->
                outer.handle(clauses ->
                    clauses
                        .on(
                            FileNotFoundException.class,
                            group -> {
                              throw failure;
                            })
                        .on(ArithmeticException.class, group -> calls.add("next clause"))));
    assertEquals(List.of("next clause"), calls);
    assertEquals("", thrown.message());
    assertSame(failure, thrown.exceptions().get(0));
    assertEquals(List.of(io), ((ExceptionGroup) thrown.exceptions().get(1)).exceptions());
  }

  @Test
  void a_handler_that_throws_its_group_on_has_not_handled_it() {
    ExceptionGroup thrown =
        assertThrows(
            ExceptionGroup.class,
            () ->
                outer.handle(clauses ->
                    clauses
                        .on(
                            FileNotFoundException.class,
                            group -> {
                              throw group;
                            })
                        .on(ArithmeticException.class, group -> {})));
    assertEquals("outer", thrown.message());
    assertSame(io, thrown.exceptions().get(0));
    assertEquals(List.of(missing), ((ExceptionGroup) thrown.exceptions().get(1)).exceptions());
  }

  @Test
  void a_cancellation_leaves_a_handler_bare_with_the_rest_suppressed() {
    CancelledError cancelled = new CancelledError("now");
    CancelledError thrown =
        assertThrows(
            CancelledError.class,
            () ->
                outer.handle(
                    IOException.class,
                    group -> {
                      throw cancelled;
                    }));
    assertSame(cancelled, thrown);
    assertEquals("outer (1 sub-exception)", thrown.getSuppressed()[0].getMessage());
  }

  @Test
  void a_clause_for_groups_is_refused() {
    assertThrows(
        IllegalArgumentException.class, () -> outer.handle(ExceptionGroup.class, group -> {}));
  }

  // ---- printing

  @Test
  void a_printed_trace_shows_the_tree_with_each_members_own_trace() {
    for (Throwable failure : List.of(io, missing, arithmetic, inner, outer)) {
      failure.setStackTrace(
          new StackTraceElement[] {new StackTraceElement("app.Main", "run", "Main.java", 7)});
    }
    io.initCause(new IOException("reset"));
    io.getCause().setStackTrace(new StackTraceElement[0]);
    outer.initCause(new IllegalStateException("before"));
    outer.getCause().setStackTrace(new StackTraceElement[0]);
    IOException extra = new IOException("close failed");
    extra.setStackTrace(new StackTraceElement[0]);
    outer.addSuppressed(extra);
    String expected =
        """
        dev.asyncio.ExceptionGroup: outer (2 sub-exceptions)
        \tat app.Main.run(Main.java:7)
          +- 1 of 2: java.io.IOException: io
          |  \tat app.Main.run(Main.java:7)
          |  Caused by: java.io.IOException: reset
          +- 2 of 2: dev.asyncio.ExceptionGroup: inner (2 sub-exceptions)
             \tat app.Main.run(Main.java:7)
               +- 1 of 2: java.io.FileNotFoundException: missing
               |  \tat app.Main.run(Main.java:7)
               +- 2 of 2: java.lang.ArithmeticException: arithmetic
                  \tat app.Main.run(Main.java:7)
        \tSuppressed: java.io.IOException: close failed
        Caused by: java.lang.IllegalStateException: before
        """;
    assertEquals(expected, printed(outer).replace(System.lineSeparator(), "\n"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    outer.printStackTrace(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertEquals(printed(outer), bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void a_group_printed_as_a_cause_shows_its_members_too() {
    String text = printed(new IllegalStateException("wrapper", outer));
    for (Throwable leaf : List.of(io, missing, arithmetic)) {
      assertTrue(text.contains(leaf.toString()), text);
    }
  }

  @Test
  void a_group_reached_again_through_a_cause_is_printed_once() {
    ExceptionGroup again = new ExceptionGroup("again", List.of(inner));
    inner.initCause(again);
    String text = printed(again);
    assertTrue(text.contains("Caused by: [shown above: " + again + "]"), text);
  }

  // ---- its relatives

  @Test
  void a_cancellation_has_its_message_and_its_trace() {
    assertEquals("why", new CancelledError("why").message());
    assertNull(new CancelledError().message());
    assertTrue(new CancelledError().getStackTrace().length > 0);
  }

  @Test
  void ordinary_handlers_catch_all_but_three() {
    for (Throwable ordinary :
        List.of(
            outer,
            new TimeoutException(),
            new InvalidStateException(),
            new BrokenBarrierException(),
            new QueueEmptyException(),
            new QueueFullException(),
            new QueueShutDownException())) {
      assertTrue(ordinary instanceof RuntimeException, ordinary::toString);
      assertNull(ordinary == outer ? null : ordinary.getMessage());
    }
    for (Throwable leaving :
        List.of(new CancelledError(), new KeyboardInterrupt(), new SystemExit())) {
      assertFalse(leaving instanceof Exception, leaving::toString);
    }
  }

  @Test
  void a_request_to_exit_has_a_status() {
    assertEquals(0, new SystemExit().code());
    assertEquals(7, new SystemExit(7).code());
    assertEquals(1, new SystemExit("disk full").code());
    assertEquals("disk full", new SystemExit("disk full").getMessage());
  }

  @Test
  void a_timeout_may_name_the_cancellation_that_it_caused() {
    CancelledError cancelled = new CancelledError();
    assertSame(cancelled, new TimeoutException("late", cancelled).getCause());
  }
}

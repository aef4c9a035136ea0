package dev.asyncio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.BrokenBarrierException;
import dev.asyncio.CancelledError;
import dev.asyncio.ExceptionGroup;
import dev.asyncio.InvalidStateException;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class KindTest {

  private final Faults faults = new Faults();

  @Test
  void kinds_have_the_hierarchy_that_they_have_in_python() {
    assertTrue(Kind.KEY_ERROR.isA(Kind.LOOKUP_ERROR));
    assertTrue(Kind.BROKEN_BARRIER_ERROR.isA(Kind.RUNTIME_ERROR));
    assertTrue(Kind.EXCEPTION_GROUP.isA(Kind.EXCEPTION));
    assertTrue(Kind.EXCEPTION_GROUP.isA(Kind.BASE_EXCEPTION_GROUP));
    assertFalse(Kind.CANCELLED_ERROR.isA(Kind.EXCEPTION));
    assertFalse(Kind.BASE_EXCEPTION_GROUP.isA(Kind.EXCEPTION));
  }

  @Test
  void exceptions_of_the_library_have_the_kind_of_their_python_counterpart() {
    assertEquals(Kind.RUNTIME_ERROR, Kind.of(new IllegalStateException()));
    assertEquals(Kind.INVALID_STATE_ERROR, Kind.of(new InvalidStateException("")));
    assertEquals(Kind.BROKEN_BARRIER_ERROR, Kind.of(new BrokenBarrierException("")));
    assertEquals(Kind.VALUE_ERROR, Kind.of(new IllegalArgumentException()));
    assertEquals(Kind.LOOKUP_ERROR, Kind.of(new NoSuchElementException()));
    assertNull(Kind.of(new AssertionError()));
  }

  @Test
  void a_group_is_an_exception_only_if_all_its_leaves_are() {
    var key = faults.make(Kind.KEY_ERROR, "k", List.of());
    var inner = new ExceptionGroup("inner", List.of(key, new CancelledError()));

    assertEquals(Kind.EXCEPTION_GROUP, Kind.of(new ExceptionGroup("g", List.of(key))));
    assertEquals(Kind.BASE_EXCEPTION_GROUP, Kind.of(new ExceptionGroup("g", List.of(inner))));
  }

  @Test
  void texts_are_shown_for_exceptions_of_the_program_and_for_cancellations() {
    var own =
        faults.make(
            Kind.EXCEPTION_GROUP, "own", List.of(faults.make(Kind.KEY_ERROR, "k", List.of())));

    assertEquals("ExceptionGroup(own)[KeyError(k)]", faults.describe(own));
    assertEquals("RuntimeError", faults.describe(new IllegalStateException("library text")));
    assertEquals("CancelledError(msg)", faults.describe(new CancelledError("msg")));
    assertEquals("CancelledError", faults.describe(new CancelledError()));
  }
}

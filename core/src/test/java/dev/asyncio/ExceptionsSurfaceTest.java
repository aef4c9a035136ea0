package dev.asyncio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The library's exceptions. */
class ExceptionsSurfaceTest {

  @Test
  void hierarchy() {
    for (Class<?> outside :
        List.of(CancelledError.class, KeyboardInterrupt.class, SystemExit.class)) {
      assertFalse(Exception.class.isAssignableFrom(outside), outside::getName);
      assertTrue(Error.class.isAssignableFrom(outside), outside::getName);
    }
    for (Class<?> ordinary :
        List.of(
            TimeoutException.class,
            InvalidStateException.class,
            IncompleteReadException.class,
            LimitOverrunException.class,
            BrokenBarrierException.class,
            QueueEmptyException.class,
            QueueFullException.class,
            QueueShutDownException.class,
            ExceptionGroup.class)) {
      assertTrue(RuntimeException.class.isAssignableFrom(ordinary), ordinary::getName);
    }
    assertTrue(IllegalStateException.class.isAssignableFrom(InvalidStateException.class));
  }

  @Test
  void pickling() throws IOException, ClassNotFoundException {
    IncompleteReadException known = copy(new IncompleteReadException(new byte[] {1, 2}, 5));
    assertArrayEquals(new byte[] {1, 2}, known.partial());
    assertEquals(OptionalInt.of(5), known.expected());
    IncompleteReadException unknown = copy(new IncompleteReadException(new byte[] {3}));
    assertArrayEquals(new byte[] {3}, unknown.partial());
    assertEquals(OptionalInt.empty(), unknown.expected());
    LimitOverrunException overrun = copy(new LimitOverrunException("too long", 42));
    assertEquals("too long", overrun.getMessage());
    assertEquals(42, overrun.consumed());
  }

  @SuppressWarnings("unchecked")
  private static <T> T copy(T exception) throws IOException, ClassNotFoundException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(exception);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }
}

package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.sleep;
import static dev.asyncio.VirtualTime.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order of clean-ups, and what becomes of their failures. */
@Timeout(60)
class ExitstackSurfaceTest {
  private final List<String> log = new ArrayList<>();

  @Test
  void order_and_chaining() {
    run(() -> {
      var first = new IllegalArgumentException("the body's");
      var second = new IllegalArgumentException("of the third clean-up");
      var third = new IllegalArgumentException("of the first clean-up");
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  AsyncExitStack.run((AsyncExitStack stack) -> {
                    stack.pushAsyncExit(error ->
                        async(() -> {
                          assertSame(second, error);
                          log.add("1");
                          throw third;
                        }));
                    stack.pushAsyncCallback(() ->
                        async(() -> {
                          sleep(Duration.ofSeconds(1)).await();
                          log.add("2");
                        }));
                    stack.push(error -> {
                      assertSame(first, error);
                      log.add("3");
                      throw second;
                    });
                    stack.callback(() -> log.add("4"));
                    throw first;
                  }));
      assertEquals(List.of("4", "3", "2", "1"), log);
      assertSame(third, thrown);
      assertArrayEquals(new Throwable[] {second}, third.getSuppressed());
      assertArrayEquals(new Throwable[] {first}, second.getSuppressed());
    });
  }
}

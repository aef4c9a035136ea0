package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.runningLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals that the operating system sends. */
@Timeout(60)
class SignalsTest {

  @BeforeEach
  void assumed() {
    Signals.assumed();
  }

  private static ChildJvm.Outcome child(String mode) throws IOException, InterruptedException {
    return ChildJvm.run(SignalledProgram.class, mode);
  }

  @Test
  void sigterm_can_end_a_program_gracefully() throws IOException, InterruptedException {
    var outcome = child("graceful");
    assertEquals(List.of("cleaning up", "exit 143"), outcome.out(), outcome.err());
    assertEquals(0, outcome.status());
  }

  @Test
  void a_second_sigterm_ends_it_at_once() throws IOException, InterruptedException {
    var outcome = child("stubborn");
    assertEquals(List.of("cleaning up"), outcome.out(), outcome.err());
    assertEquals(143, outcome.status());
  }

  @Test
  void without_the_option_sigterm_is_left_to_the_jvm() throws IOException, InterruptedException {
    var outcome = child("abrupt");
    assertEquals(List.of(), outcome.out(), outcome.err());
    assertEquals(143, outcome.status());
  }

  @Test
  void what_was_there_before_is_back_after_the_loop() throws IOException, InterruptedException {
    var outcome = child("restored");
    assertEquals(List.of("ran"), outcome.out(), outcome.err());
    assertEquals(143, outcome.status());
  }

  @Test
  void a_handler_of_the_loops_own_takes_ctrl_c_until_it_is_removed()
      throws IOException, InterruptedException {
    var outcome = child("own");
    assertEquals(List.of("own", "true", "KeyboardInterrupt"), outcome.out(), outcome.err());
  }

  @Test
  void what_cannot_be_caught_or_does_not_exist_is_refused() {
    Asyncio.run(
        async(() -> {
          AbstractEventLoop loop = runningLoop();
          for (String sig : List.of("KILL", "SIGSTOP")) {
            var refused =
                assertThrows(
                    IllegalStateException.class, () -> loop.addSignalHandler(sig, () -> {}));
            String said = Objects.requireNonNull(refused.getMessage());
            assertTrue(
                said.startsWith("sig " + sig.replace("SIG", "") + " cannot be caught"), said);
          }
          assertThrows(
              IllegalArgumentException.class, () -> loop.addSignalHandler("NONSENSE", () -> {}));
          assertThrows(IllegalArgumentException.class, () -> loop.removeSignalHandler("NONSENSE"));
        }));
  }

  @Test
  void several_loops_hear_the_same_signal_and_a_new_handler_replaces_the_old() {
    var heard = new CompletableFuture<String>();
    Asyncio.run(
        async(() -> {
          AbstractEventLoop outer = runningLoop();
          Future<String> here = outer.createFuture();
          outer.addSignalHandler("WINCH", () -> heard.completeExceptionally(new AssertionError()));
          outer.addSignalHandler("WINCH", () -> here.setResult("here"));
          List<String> there = new ArrayList<>();
          Asyncio.toThread(() ->
                  Asyncio.run(
                      async(() -> {
                        Future<String> inner = runningLoop().createFuture();
                        runningLoop().addSignalHandler("WINCH", () -> inner.setResult("there"));
                        Signals.send("WINCH", ProcessHandle.current().pid());
                        there.add(inner.await());
                      })))
              .await();
          assertEquals("here", here.await());
          assertEquals(List.of("there"), there);
        }));
    assertTrue(!heard.isDone());
  }
}

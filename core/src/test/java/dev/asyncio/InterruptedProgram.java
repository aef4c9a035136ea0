package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createTask;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.Asyncio.sleep;

import dev.asyncio.loop.SignalDoor;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** A program that sends Ctrl-C to itself, for {@link RunnerSurfaceTest}. */
final class InterruptedProgram {

  private InterruptedProgram() {}

  public static void main(String[] arguments) throws InterruptedException {
    switch (arguments[0]) {
      case "first" -> first();
      case "second" -> Asyncio.run(async(InterruptedProgram::refuse));
      case "finished" -> finished();
      case "handled" -> handled();
      case "restored" -> {
        Asyncio.run(async(() -> say("ran")));
        interruptAndWait();
      }
      case "elsewhere" ->
          Thread.ofPlatform()
              .start(() -> Asyncio.run(async(InterruptedProgram::interruptAndWait)))
              .join();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void first() {
    try {
      Asyncio.run(
          async(() -> {
            Task<?> other = createTask(sleep(Duration.ofHours(1)));
            try {
              interrupt();
              runningLoop().createFuture().await();
            } finally {
              say("main cancelled, other asked " + other.cancelling() + " times");
            }
          }));
    } catch (KeyboardInterrupt e) {
      say("KeyboardInterrupt");
    }
  }

  private static void finished() {
    String result =
        Asyncio.run(
            async(() -> {
              try {
                interrupt();
                return runningLoop().<String>createFuture().await();
              } catch (CancelledError e) {
                return "finished all the same";
              }
            }));
    say(result);
  }

  private static void refuse() {
    while (true) {
      try {
        interrupt();
        runningLoop().createFuture().await();
      } catch (CancelledError e) {
        say("refused");
      }
    }
  }

  /** With a handler of the program's own, which the runner leaves in place. */
  private static void handled() {
    var handled = new CompletableFuture<String>();
    try (SignalDoor own =
        Objects.requireNonNull(SignalDoor.open("INT", () -> handled.complete("handled")))) {
      Asyncio.run(
          async(() -> {
            interrupt();
            say(await(handled));
          }));
      Objects.requireNonNull(own);
    }
  }

  private static void interruptAndWait() throws InterruptedException {
    interrupt();
    new CompletableFuture<String>().orTimeout(30, java.util.concurrent.TimeUnit.SECONDS).join();
  }

  private static void interrupt() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Object sigint = signal.getConstructor(String.class).newInstance("INT");
      signal.getMethod("raise", signal).invoke(null, sigint);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void say(String text) {
    System.out.println(text);
  }
}

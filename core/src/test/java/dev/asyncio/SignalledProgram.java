package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.runningLoop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program that sends real signals to itself, for {@link SignalsTest}. */
final class SignalledProgram {

  private SignalledProgram() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "graceful" -> graceful(() -> {});
      case "stubborn" ->
          graceful(() -> {
            Signals.send("TERM", ProcessHandle.current().pid());
            runningLoop().createFuture().await();
          });
      case "abrupt" -> Asyncio.run(async(SignalledProgram::terminatedWhileWaiting));
      case "own" -> own();
      case "restored" -> {
        try (var runner = new Runner()) {
          runner.run(async(() -> runningLoop().addSignalHandler("TERM", () -> {})));
        }
        System.out.println("ran");
        Signals.send("TERM", ProcessHandle.current().pid());
        new CompletableFuture<String>().orTimeout(30, TimeUnit.SECONDS).join();
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void graceful(Action cleanUp) {
    try (var runner = new Runner(RunnerOptions.defaults().gracefulTermination(true))) {
      runner.run(
          async(() -> {
            try {
              terminatedWhileWaiting();
            } finally {
              System.out.println("cleaning up");
              cleanUp.run();
            }
          }));
    } catch (SystemExit exit) {
      System.out.println("exit " + exit.code());
    }
  }

  private static void terminatedWhileWaiting() throws Exception {
    Signals.send("TERM", ProcessHandle.current().pid());
    runningLoop().createFuture().await();
  }

  /** A handler of the loop's has the signal before the runner has. */
  private static void own() throws Exception {
    try (var runner = new Runner()) {
      runner.run(
          async(() -> {
            Future<String> heard = runningLoop().createFuture();
            runningLoop().addSignalHandler("INT", () -> heard.setResult("own"));
            Signals.send("INT", ProcessHandle.current().pid());
            System.out.println(heard.await());
            System.out.println(runningLoop().removeSignalHandler("INT"));
          }));
      runner.run(
          async(() -> {
            Signals.send("INT", ProcessHandle.current().pid());
            runningLoop().createFuture().await();
          }));
    } catch (KeyboardInterrupt e) {
      System.out.println("KeyboardInterrupt");
    }
  }
}

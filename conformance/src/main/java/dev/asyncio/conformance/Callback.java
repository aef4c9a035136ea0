package dev.asyncio.conformance;

import dev.asyncio.Future;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A plain function of a program. There is one object for each, so that it can be added to a future
 * and removed again.
 */
final class Callback implements Consumer<Future<?>> {

  private final Program.Procedure procedure;
  private final Interpreter interpreter;

  Callback(Program.Procedure procedure, Interpreter interpreter) {
    this.procedure = procedure;
    this.interpreter = interpreter;
  }

  /** Calls the function now. */
  @Nullable Object call(List<@Nullable Object> args) {
    return interpreter.run(procedure, args);
  }

  /** The function with its arguments, to be called later. */
  Callable<@Nullable Object> with(List<@Nullable Object> args) {
    return () -> call(args);
  }

  @Override
  public void accept(Future<?> done) {
    call(List.of(done));
  }
}

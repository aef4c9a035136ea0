package dev.asyncio.bench;

import dev.asyncio.Coroutine;
import dev.asyncio.EngineKind;
import dev.asyncio.Runner;
import dev.asyncio.RunnerOptions;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A loop on the benchmark's own thread, open for a whole trial, on either engine. */
@State(Scope.Thread)
public class OnLoop {
  /** The JVM flag that the carried engine needs; for {@code @Fork(jvmArgsAppend = …)}. */
  static final String OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED";

  /** Which engine runs the coroutines. */
  @Param({"carried", "portable"})
  public String engine = "carried";

  @SuppressWarnings("NullAway.Init") // set by open(), which JMH calls first
  private Runner runner;

  /** Opens the loop. */
  @Setup
  public void open() {
    EngineKind kind = EngineKind.valueOf(engine.toUpperCase(Locale.ROOT));
    runner = new Runner(RunnerOptions.defaults().engine(kind));
  }

  /** Runs one workload in a coroutine, from its start to its end. */
  <T> T run(Callable<T> workload) {
    return runner.run(Coroutine.of(workload));
  }

  /** Closes the loop. */
  @TearDown
  public void close() {
    runner.close();
  }
}

package dev.asyncio.conformance;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.EngineKind;
import dev.asyncio.Runner;
import dev.asyncio.RunnerOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs cases, one at a time, each on a loop of its own in virtual time. */
final class CaseRunner {

  private static final int FRAMES_SHOWN = 6;

  private final @Nullable EngineKind engine;
  private final Duration limit;
  private final Observer observer;

  /** Sees the loop of a case, on the thread of the case. */
  interface Observer {

    /** An observer that looks at nothing. */
    Observer NONE =
        new Observer() {
          @Override
          public void ended(AbstractEventLoop loop) {}

          @Override
          public void closed(AbstractEventLoop loop, Collection<Object> objects) {}
        };

    /** The runs are over, or the case has been broken off; the loop is not closed yet. */
    void ended(AbstractEventLoop loop);

    /** The loop is closed; {@code objects} are those that the program made. */
    void closed(AbstractEventLoop loop, Collection<Object> objects);
  }

  /**
   * Makes a runner of cases.
   *
   * @param engine the engine of the loops, or null for the one that the library chooses
   * @param limit how long a case may take in real time; one that takes longer is given up
   */
  CaseRunner(@Nullable EngineKind engine, Duration limit) {
    this(engine, limit, Observer.NONE);
  }

  /** Makes a runner of cases that has each one observed. */
  CaseRunner(@Nullable EngineKind engine, Duration limit, Observer observer) {
    this.engine = engine;
    this.limit = limit;
    this.observer = observer;
  }

  /** Runs a case and says what it did; whatever goes wrong shows in the outcome. */
  Case.Run run(Case recorded) throws InterruptedException {
    var result = new CompletableFuture<Case.Run>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("case " + recorded.id())
            .start(() -> result.complete(runToTheEnd(recorded)));
    try {
      return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return new Case.Run(List.of(), "hangs" + firstFrames(thread.getStackTrace()));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Case.Run runToTheEnd(Case recorded) {
    try {
      return run(Program.read(recorded.program()));
    } catch (CaseAborted e) {
      return new Case.Run(List.of(), e.outcome());
    } catch (Throwable e) { // a fault of the library or of the interpreter fails the case
      return new Case.Run(List.of(), "broken by " + e + firstFrames(e.getStackTrace()));
    }
  }

  private Case.Run run(Program program) {
    RunnerOptions options = RunnerOptions.defaults().clock(new VirtualClock());
    var runner = new Runner(engine == null ? options : options.engine(engine));
    AbstractEventLoop loop = runner.getLoop();
    var interpreter = new Interpreter(program, loop);
    loop.setExceptionHandler((_, context) -> interpreter.report(context));
    Trace trace = interpreter.trace();
    String outcome = "";
    try {
      for (String name : program.runs()) {
        outcome = runOne(name, runner, interpreter);
      }
      observer.ended(loop);
      close(runner, interpreter);
    } catch (CaseAborted e) {
      trace.abort(e);
      observer.ended(loop);
      discard(loop);
    }
    observer.closed(loop, interpreter.objects());
    CaseAborted aborted = trace.aborted();
    return new Case.Run(trace.lines(), aborted == null ? outcome : aborted.outcome());
  }

  /** Runs one coroutine to its end, and gives the outcome. */
  private static String runOne(String name, Runner runner, Interpreter interpreter) {
    Text text = interpreter.text();
    String label = "run(" + name + ")";
    try {
      Object value = runner.run(interpreter.root(name));
      interpreter.trace().emit(text.completed(label, value));
      return "returned " + text.of(value);
    } catch (CaseAborted e) {
      throw e;
    } catch (Throwable e) {
      interpreter.trace().emit(text.failed(label, e));
      return "raised " + text.of(e);
    }
  }

  private static void close(Runner runner, Interpreter interpreter) {
    Trace trace = interpreter.trace();
    try {
      runner.close();
      trace.emitLast("closed");
    } catch (CaseAborted e) {
      throw e;
    } catch (Throwable e) {
      trace.emitLast(interpreter.text().failed("close", e));
    }
  }

  /** Closes the loop of a case that was broken off, whose tasks will never end. */
  private static void discard(AbstractEventLoop loop) {
    try {
      loop.close();
    } catch (RuntimeException _) {
      // the loop was broken off in the middle of something: the case has failed already
    }
  }

  private static String firstFrames(StackTraceElement[] frames) {
    return Arrays.stream(frames)
        .limit(FRAMES_SHOWN)
        .map(frame -> " at " + frame)
        .reduce("", String::concat);
  }
}

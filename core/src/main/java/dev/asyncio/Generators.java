package dev.asyncio;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The async generators of a loop that have begun and not ended, in the order in which they began.
 *
 * <p><b>Source:</b> CPython 3.14, {@code BaseEventLoop.shutdown_asyncgens} and the hooks beside it.
 */
final class Generators {

  private final AbstractEventLoop loop;
  private final Set<GeneratorBody<?>> alive = new LinkedHashSet<>();
  private boolean shutDown;

  Generators(AbstractEventLoop loop) {
    this.loop = loop;
  }

  void add(GeneratorBody<?> generator) {
    if (shutDown) {
      Log.ASYNCIO.log(
          System.Logger.Level.WARNING,
          "asynchronous generator {0} was scheduled after loop.shutdownAsyncgens() call, so"
              + " nobody closes it but its user; use aclosing(…)",
          generator);
    }
    alive.add(generator);
  }

  void remove(GeneratorBody<?> generator) {
    alive.remove(generator);
  }

  /** Closes those that are alive, all at once; what goes wrong in one is reported. */
  void shutdown() {
    shutDown = true;
    if (alive.isEmpty()) {
      return;
    }
    List<GeneratorBody<?>> closing = List.copyOf(alive);
    List<Coroutine<?>> closers = new ArrayList<>();
    closing.forEach(generator -> closers.add(Coroutine.of(generator::close)));
    List<?> outcomes = Gathering.of(loop, closers, true).await();
    for (int i = 0; i < closing.size(); i++) {
      if (outcomes.get(i) instanceof Throwable e && !(e instanceof CancelledError)) {
        report(closing.get(i), e);
      }
    }
  }

  /** Tells the loop's exception handler what came out of a generator that was closed. */
  void report(GeneratorBody<?> generator, Throwable e) {
    loop.callExceptionHandler(
        ExceptionContext.of(
                "an error occurred during closing of asynchronous generator " + generator)
            .exception(e));
  }

  /** Whether there are any. */
  boolean isEmpty() {
    return alive.isEmpty();
  }

  /** The loop closes: unwinds the stacks of those that nobody has closed. */
  void abandon() {
    List.copyOf(alive).forEach(GeneratorBody::abandon);
  }
}

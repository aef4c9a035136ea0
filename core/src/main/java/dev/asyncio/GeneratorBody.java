package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.asyncio.engine.PinnedException;
import dev.asyncio.engine.Strand;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The half of an {@link AsyncGenerator} that runs: the body and its stack.
 *
 * <p>The stack is a strand of its own. A task that wants the next item switches to it, and a yield
 * or the end of the body switches back; in between the body runs in the task's name: it is what the
 * task resumes after a wait, and what a cancellation of the task reaches. The loop sees none of the
 * switching, so an item costs no turn.
 *
 * <p>Nothing here refers to the public half. When that becomes garbage, the stack would be left
 * suspended for ever; {@link Garbage} tells, and the loop closes the generator.
 */
final class GeneratorBody<T extends @Nullable Object> implements AsyncGenerator.Yielder<T> {

  /**
   * CREATED until the first item is asked for, then RUNNING and SUSPENDED in turn, then ENDED.
   * Closing takes a CREATED one to ENDED at once.
   */
  private enum Phase {
    CREATED,
    RUNNING,
    SUSPENDED,
    ENDED
  }

  private final AsyncGenerator.Body<T> body;

  // --- loop only
  private Phase phase = Phase.CREATED;

  /** The loop of its first use; {@link Garbage}'s thread reads it too. */
  private volatile @Nullable AbstractEventLoop loop;

  private @Nullable Strand strand;
  private Garbage.@Nullable Watch watch;

  // --- while RUNNING: where it was entered from; null in a generator that is being abandoned
  private @Nullable Task<?> task;
  private @Nullable Strand consumer;
  private @Nullable GeneratorBody<?> around;
  private @Nullable Context context;

  // --- from the consumer to the body
  private @Nullable Object sent;
  private @Nullable Throwable thrown;
  private @Nullable CoroutineExit exit;

  // --- from the body to the consumer
  private @Nullable Object item;
  private @Nullable Throwable failure;

  /** What bridged thread-locals have on the side that is left; null without bridges. */
  private @Nullable Vars bridged;

  GeneratorBody(AsyncGenerator.Body<T> body) {
    this.body = Objects.requireNonNull(body, "body");
  }

  // ---- the consumer's side

  boolean created() {
    return phase == Phase.CREATED;
  }

  /**
   * Lets the body go on to its next yield or to its end.
   *
   * @param operation for messages
   * @param value what the yield gives in the body
   * @param error what the yield throws in the body instead, if not null
   * @return whether it yielded; {@link #item} then has the item
   */
  boolean advance(String operation, @Nullable Object value, @Nullable Throwable error) {
    if (phase == Phase.RUNNING) {
      throw new IllegalStateException(
          operation
              + "(): asynchronous generator is already running: "
              + this
              + "; let one task iterate it and hand the items on, by a Queue for instance");
    }
    if (phase == Phase.ENDED) {
      return false;
    }
    Task<?> current = AbstractEventLoop.requireTask(this);
    if (loop != null && loop != current.loop) {
      throw new IllegalStateException(
          this + " is bound to a different event loop; iterate it where that was begun");
    }
    if (phase == Phase.CREATED && error != null) {
      phase = Phase.ENDED;
      throw Errors.unchecked(error);
    }
    sent = value;
    thrown = error;
    enterFrom(current);
    if (phase == Phase.SUSPENDED) {
      return true;
    }
    Throwable e = failure;
    if (e != null) {
      failure = null;
      throw Errors.unchecked(Errors.iteratedHere(e, current));
    }
    return false;
  }

  private void enterFrom(Task<?> current) {
    Strand stack = strand;
    if (stack == null) {
      stack = current.loop.engine.strand(this);
      strand = stack;
      loop = current.loop;
      current.loop.generators.add(this);
    }
    Phase before = phase;
    phase = Phase.RUNNING;
    task = current;
    context = Context.current();
    bridged = ContextBridge.carry();
    try {
      current.enter(this, stack);
    } catch (PinnedException | VirtualMachineError e) {
      phase = before;
      throw e;
    } finally {
      task = null;
      consumer = null;
      around = null;
      context = null;
    }
    ContextBridge.install(bridged);
  }

  /** Called by the task, which knows them, before it switches. */
  void enteredFrom(Strand stack, @Nullable GeneratorBody<?> generator) {
    consumer = stack;
    around = generator;
  }

  /** Takes the item of the last yield. */
  @SuppressWarnings({"unchecked", "NullAway"}) // null where T allows it
  T item() {
    Object yielded = item;
    item = null;
    return (T) yielded;
  }

  /** Has the body end where it stands, running its clean-up blocks. */
  void close() {
    if (phase == Phase.CREATED) {
      phase = Phase.ENDED;
      return;
    }
    var request = new CoroutineExit("this generator was closed");
    if (phase == Phase.SUSPENDED) {
      exit = request;
    }
    if (advance("aclose", null, request)) {
      throw new IllegalStateException(
          "async generator ignored GeneratorExit: "
              + this
              + " yielded while it was being closed; do not yield in finally, nor catch Throwable"
              + " around a yield");
    }
  }

  /** Has this generator closed when its public half is garbage. */
  void watch(AsyncGenerator<T> publicHalf) {
    watch =
        new Garbage.Watch(publicHalf) {
          @Override
          void found() {
            unreachable();
          }
        };
  }

  // ---- the body's side

  /** The body of the strand. */
  void live() {
    try {
      Vars values = bridged;
      if (values == null) {
        body.run(this);
      } else {
        ContextBridge.call(
            values,
            () -> {
              body.run(this);
              bridged = ContextBridge.carry();
              return null;
            });
      }
    } catch (Throwable e) {
      Throwable meant = task == null ? e : task.interruption(e);
      failure = meant == exit ? null : meant;
    }
    ended();
  }

  @Override
  @CanIgnoreReturnValue
  public @Nullable Object yield(T value) {
    Strand stack = strand;
    AbstractEventLoop on = loop;
    if (phase != Phase.RUNNING
        || stack == null
        || on == null
        || Thread.currentThread() != stack.thread()) {
      throw new IllegalStateException(
          "yield outside of the generator: only the body of "
              + this
              + " may yield, not a task or a callback it has made; those can put into a Queue");
    }
    if (context != null && on.now.scope() != context) {
      throw new IllegalStateException(
          "yield inside Context.run: " + this + " would leave it entered; yield what it returns");
    }
    item = value;
    phase = Phase.SUSPENDED;
    Strand back = consumer;
    if (back == null) {
      stack.suspend(); // for ever: it was being abandoned and would not have it
    } else {
      bridged = ContextBridge.carry();
      switchTo(back, stack);
      ContextBridge.install(bridged);
    }
    Throwable e = thrown;
    if (e != null) {
      thrown = null;
      throw Errors.unchecked(e);
    }
    Object got = sent;
    sent = null;
    return got;
  }

  private void switchTo(Strand back, Strand stack) {
    AbstractEventLoop on = Objects.requireNonNull(loop);
    try {
      if (on.getDebug()) {
        PinnedException.check();
      }
      stack.switchTo(back);
    } catch (PinnedException | VirtualMachineError e) {
      phase = Phase.RUNNING;
      throw e;
    }
  }

  private void ended() {
    phase = Phase.ENDED;
    Strand stack = Objects.requireNonNull(strand);
    strand = null;
    Objects.requireNonNull(loop).generators.remove(this);
    if (watch != null) {
      watch.clear();
    }
    if (consumer != null) {
      stack.endIn(consumer);
    }
  }

  // ---- the task's and the loop's side

  /** The task in which it runs, or null. */
  @Nullable Task<?> task() {
    return task;
  }

  /** The stack that asked for an item and stands still meanwhile. */
  @Nullable Strand consumer() {
    return consumer;
  }

  /** The generator in whose body an item was asked for; null if it was a coroutine. */
  @Nullable GeneratorBody<?> around() {
    return around;
  }

  /** The public half has become garbage; any thread. */
  private void unreachable() {
    AbstractEventLoop on = loop;
    if (on != null && phase != Phase.ENDED && !on.isClosed()) {
      on.enqueueThreadsafe(this::closeInTask);
    }
  }

  private void closeInTask() {
    if (phase == Phase.SUSPENDED) {
      Objects.requireNonNull(loop).createTask(Coroutine.of(this::close));
    }
  }

  /** The loop closes: unwinds the stack, so that clean-up blocks run and the thread ends. */
  void abandon() {
    Strand stack = strand;
    AbstractEventLoop on = loop;
    if (phase != Phase.SUSPENDED || stack == null || on == null) {
      return;
    }
    phase = Phase.RUNNING;
    exit = new CoroutineExit("the event loop of this generator was closed");
    thrown = exit;
    on.now.begin(null, null, stack);
    stack.resumeAlone();
    on.now.end();
    Throwable e = failure;
    if (phase != Phase.ENDED) {
      e = new IllegalStateException("async generator ignored GeneratorExit: " + this);
    }
    if (e != null) {
      on.generators.report(this, e);
    }
  }

  @Override
  public String toString() {
    return "<async_generator "
        + Errors.nameOf(body)
        + " "
        + phase.name().toLowerCase(Locale.ROOT)
        + ">";
  }
}

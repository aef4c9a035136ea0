package dev.asyncio;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A result that will be there later, on one event loop. Callbacks run in the order they were added,
 * never inside the call that completes the future but in the loop's next turn.
 *
 * <p>{@link AbstractEventLoop#createFuture} makes one.
 *
 * <p><b>Threads:</b> loop only. From another thread use {@code loop.callSoonThreadsafe(() ->
 * future.setResult(…))}.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Future}.
 *
 * @param <T> the result
 */
public class Future<T extends @Nullable Object> implements Awaitable<T> {

  final AbstractEventLoop loop;

  /** The result, or an {@link Outcome} that says why there is none; there is no other state. */
  private @Nullable Object outcome;

  /**
   * Who is told at the end: null, one {@link Task} that awaits this or one {@link Callback}, or an
   * {@code ArrayList} of them.
   */
  private @Nullable Object listeners;

  /** A callback is the handle by which it will run, so that completion allocates nothing. */
  private static final class Callback<T extends @Nullable Object> extends Handle {
    final Future<T> future;
    final Consumer<? super Future<T>> consumer;

    Callback(Future<T> future, Consumer<? super Future<T>> consumer, @Nullable Context context) {
      super(future.loop, context);
      this.future = future;
      this.consumer = Objects.requireNonNull(consumer, "callback");
    }

    @Override
    void call() {
      consumer.accept(future);
    }

    @Override
    Object described() {
      return consumer;
    }
  }

  Future(AbstractEventLoop loop) {
    this.loop = loop;
    this.outcome = Outcome.Pending.on(loop);
  }

  // ---- asking

  /** The loop it belongs to. */
  public final AbstractEventLoop getLoop() {
    return loop;
  }

  /** Whether it has a result or an exception or was cancelled. */
  public final boolean done() {
    return !(outcome instanceof Outcome.Pending);
  }

  /** Whether it was cancelled. */
  public final boolean cancelled() {
    return outcome instanceof Outcome.Cancelled;
  }

  /**
   * The result.
   *
   * <p><b>Errors:</b> throws the exception it failed with, itself; {@link CancelledError} if it was
   * cancelled; {@link InvalidStateException} if it is not done.
   */
  public final T result() {
    Object now = outcome;
    return now instanceof Outcome special ? resultOf(special) : plain(now);
  }

  private T resultOf(Outcome special) {
    if (special instanceof Outcome.Traced traced) {
      return plain(traced.result);
    }
    throw Errors.unchecked(failure(special, "Result is not set."));
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // null where T allows it
  private T plain(@Nullable Object result) {
    return (T) result;
  }

  /**
   * The exception it failed with, or null if it has a result.
   *
   * @throws CancelledError if it was cancelled
   * @throws InvalidStateException if it is not done
   */
  public final @Nullable Throwable exception() {
    Object now = outcome;
    if (!(now instanceof Outcome special) || special instanceof Outcome.Traced) {
      return null;
    }
    Throwable failure = failure(special, "Exception is not set.");
    if (special instanceof Outcome.Failed) {
      return failure;
    }
    throw Errors.unchecked(failure);
  }

  private Throwable failure(Outcome special, String whenPending) {
    return switch (special) {
      case Outcome.Cancelled cancelled -> cancelled.error();
      case Outcome.Failed failed -> failed.retrieve();
      default -> new InvalidStateException(whenPending + " " + this + " is still pending");
    };
  }

  /** The error of the cancellation: the very one that ended it the first time, then new ones. */
  final CancelledError makeCancelledError() {
    return ((Outcome.Cancelled) Objects.requireNonNull(outcome)).error();
  }

  /** The message of the cancellation, if one is known. */
  @Nullable String cancelMessage() {
    return outcome instanceof Outcome.Cancelled cancelled ? cancelled.message : null;
  }

  /**
   * Whether awaiting it throws a {@link CancelledError}, be it cancelled or failed with one, as a
   * gathering is whose children were cancelled. A failure counts as seen by whoever asks.
   */
  final boolean endedWithCancelledError() {
    return outcome instanceof Outcome.Cancelled
        || (outcome instanceof Outcome.Failed failed
            && failed.retrieve() instanceof CancelledError);
  }

  // ---- completing

  /**
   * Completes it with a result.
   *
   * @throws InvalidStateException if it is done
   */
  public void setResult(T result) {
    loop.checkThread("setResult");
    succeed(result);
  }

  /**
   * Completes it with an exception, of any kind. If nobody retrieves it by awaiting, {@link
   * #result} or {@link #exception}, it goes to the loop's exception handler in the end.
   *
   * @throws InvalidStateException if it is done
   */
  public void setException(Throwable exception) {
    loop.checkThread("setException");
    fail(Objects.requireNonNull(exception, "exception"));
  }

  final void succeed(T result) {
    List<StackTraceElement> source = requirePending().source;
    finish(source == null ? result : new Outcome.Traced(result, source));
  }

  final void fail(Throwable exception) {
    finish(new Outcome.Failed(this, exception, requirePending().source));
  }

  /** Cancels it without a message. */
  public final boolean cancel() {
    return cancel(null);
  }

  /**
   * Cancels it and schedules the callbacks.
   *
   * @param message goes with the {@link CancelledError} to whoever awaits it
   * @return false if it was done already
   */
  public boolean cancel(@Nullable String message) {
    loop.checkThread("cancel");
    if (done()) {
      return false;
    }
    cancelled(message, null);
    return true;
  }

  /** Ends it as cancelled; {@code first} is what ended it, if that is there. */
  final void cancelled(@Nullable String message, @Nullable CancelledError first) {
    finish(new Outcome.Cancelled(message, first, requirePending().source));
  }

  private Outcome.Pending requirePending() {
    if (outcome instanceof Outcome.Pending pending) {
      return pending;
    }
    throw new InvalidStateException("invalid state: " + this + " is done already");
  }

  private void finish(@Nullable Object with) {
    outcome = with;
    Object told = listeners;
    if (told != null) {
      listeners = null;
      if (told instanceof ArrayList<?> list) {
        for (Object listener : list) {
          loop.enqueue((Runnable) listener);
        }
      } else {
        loop.enqueue((Runnable) told);
      }
    }
  }

  // ---- listening

  /** Has {@code callback} called with this future in the loop's turn after it is done. */
  public final void addDoneCallback(Consumer<? super Future<T>> callback) {
    addDoneCallback(callback, null);
  }

  /**
   * Has {@code callback} called with this future in the loop's turn after it is done, which is the
   * next one if it is done already.
   *
   * @param context the context it runs in; null for a copy of the current one
   */
  public final void addDoneCallback(
      Consumer<? super Future<T>> callback, @Nullable Context context) {
    loop.checkThread("addDoneCallback");
    var listener = new Callback<>(this, callback, context);
    if (done()) {
      loop.enqueue(listener);
    } else {
      listen(listener);
    }
  }

  final void listen(Runnable listener) {
    if (listeners == null) {
      listeners = listener;
    } else {
      listenAlso(listener);
    }
  }

  @SuppressWarnings("unchecked")
  private void listenAlso(Runnable listener) {
    if (listeners instanceof ArrayList<?> list) {
      ((ArrayList<Object>) list).add(listener);
    } else {
      var list = new ArrayList<Object>(4);
      list.add(listeners);
      list.add(listener);
      listeners = list;
    }
  }

  /**
   * Removes every registration of {@code callback}.
   *
   * @return how many there were
   */
  public final int removeDoneCallback(Consumer<? super Future<T>> callback) {
    return ignore(listener -> listener instanceof Callback<?> c && c.consumer.equals(callback));
  }

  private int ignore(java.util.function.Predicate<Object> which) {
    if (listeners instanceof ArrayList<?> list) {
      int before = list.size();
      list.removeIf(which);
      return before - list.size();
    }
    if (listeners != null && which.test(listeners)) {
      listeners = null;
      return 1;
    }
    return 0;
  }

  // ---- awaiting

  @Override
  public final T await() {
    if (outcome instanceof Outcome.Pending) {
      AbstractEventLoop.requireTask(this).awaits(this);
    }
    return awaited();
  }

  /** {@link #await} for those who know the current task. */
  final T await(Task<?> task) {
    if (outcome instanceof Outcome.Pending) {
      task.awaits(this);
    }
    return awaited();
  }

  private T awaited() {
    Object now = outcome;
    return now instanceof Outcome special ? awaited(special) : plain(now);
  }

  private T awaited(Outcome special) {
    if (special instanceof Outcome.Traced) {
      return resultOf(special);
    }
    Throwable failure = failure(special, "Result is not set.");
    Task<?> awaiter = AbstractEventLoop.currentTaskOrNull();
    throw Errors.unchecked(awaiter == null ? failure : Errors.awaitedHere(failure, awaiter));
  }

  /** The task could not stop after all: it is not to be woken. */
  final void forget(Task<?> waiter) {
    ignore(listener -> listener == waiter);
  }

  /**
   * A {@code CompletableFuture} with the same outcome, for code that is not on the loop. Cancelling
   * it cancels this one.
   *
   * <p><b>Threads:</b> any.
   */
  public final CompletableFuture<T> toCompletableFuture() {
    return CompletionStages.of(this);
  }

  // ---- describing

  @Nullable List<StackTraceElement> sourceTraceback() {
    return outcome instanceof Outcome special ? special.source : null;
  }

  /** What the text says besides the state. */
  String details() {
    return "";
  }

  @Override
  public final String toString() {
    var text = new StringBuilder("<").append(getClass().getSimpleName());
    text.append(!done() ? " pending" : cancelled() ? " cancelled" : " finished");
    text.append(details());
    switch (outcome) {
      case Outcome.Pending _, Outcome.Cancelled _ -> {}
      case Outcome.Failed failed -> text.append(" exception=").append(failed.exception());
      case Outcome.Traced traced -> appendResult(text, traced.result);
      case null, default -> appendResult(text, outcome);
    }
    if (listeners != null) {
      text.append(" callbacks=").append(listeners instanceof ArrayList<?> l ? l.size() : 1);
    }
    List<StackTraceElement> source = sourceTraceback();
    if (source != null && !source.isEmpty()) {
      text.append(" created at ").append(source.getFirst());
    }
    return text.append('>').toString();
  }

  private static void appendResult(StringBuilder text, @Nullable Object result) {
    text.append(" result=").append(shortened(String.valueOf(result)));
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}

package dev.asyncio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.lang.ref.Reference;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Items made one by one by a piece of code that may await in between:
 *
 * <pre>{@code
 * AsyncGenerator<Integer> countdown(int from) {
 *   return AsyncGenerator.of(y -> {
 *     for (int i = from; i > 0; i--) {
 *       y.yield(i);
 *       await(sleep(ofSeconds(1)));
 *     }
 *   });
 * }
 *
 * for (int i : countdown(3)) {
 *   IO.println(i);
 * }
 * }</pre>
 *
 * <p>Nothing of the body runs before the first item is asked for, and after that only while one is
 * asked for: then it runs inside the task that asks, with that task's context, timeouts and
 * cancellation, and stops at the next {@code yield}. A generator is its own iterator, so it can be
 * iterated once; the code that iterates it may go from task to task.
 *
 * <p>As in Python, do not {@code yield} inside a {@code timeout} or a {@code taskGroup} of the
 * body: their end would cancel the task while it runs code outside the generator.
 *
 * <p><b>Leaving early:</b> a {@code break} leaves the generator standing at its {@code yield}, and
 * its {@code finally} blocks have not run. {@link Asyncio#aclosing} closes it at the end of the
 * block, in the same task; one that is merely dropped is closed by a task of its own when the
 * garbage collector has found it, one that is kept when the loop shuts down ({@link
 * AbstractEventLoop#shutdownAsyncgens}).
 *
 * <p><b>How it works:</b> the body has a stack of its own beside the task's. Asking for an item
 * switches to it, {@code yield} switches back; while the body waits, it is what the loop resumes in
 * the task's step. A generator without a second stack would have to call the consumer instead,
 * which turns {@code break}, {@code return} and two generators side by side into puzzles. A thread
 * or a task of its own for the body would give it another context and cancel it separately.
 * Consequently {@link ThreadLocal}s and {@link ScopedValue}s of the task are not seen in the body,
 * except by a {@link ContextBridge}; {@link ContextVar}s are, and setting them there is seen
 * outside.
 *
 * <p><b>Order and cost:</b> an item costs two switches of stacks and no turn of the loop.
 *
 * <p><b>Cancellation:</b> cancelling the task while the body waits throws {@link CancelledError} in
 * the body; when it comes out, the generator has ended. Cancelling the task elsewhere leaves the
 * generator where it stands.
 *
 * <p><b>Threads:</b> loop only; made anywhere.
 *
 * <p><b>Errors:</b> what the body throws comes out where the item was asked for, and the generator
 * has ended. {@link IllegalStateException} if two tasks ask at the same time.
 *
 * <p><b>Source:</b> CPython 3.14, asynchronous generators (PEP 525).
 *
 * @param <T> the items
 */
@CheckReturnValue
@SuppressWarnings("IterableAndIterator") // as in Python: a generator is its own iterator
public final class AsyncGenerator<T extends @Nullable Object>
    implements AsyncIterable<T>, AsyncIterator<T> {

  /** The code of a generator. */
  @FunctionalInterface
  public interface Body<T extends @Nullable Object> {
    /** Runs once, in the task that asks for items; a return is the end of the items. */
    void run(Yielder<T> y) throws Exception;
  }

  /** What the code of a generator yields by, since Java's own {@code yield} belongs to switch. */
  public interface Yielder<T extends @Nullable Object> {
    /**
     * Gives {@code item} to whoever iterates, and stands still until the next one is asked for.
     *
     * <p><b>Errors:</b> what {@link AsyncGenerator#athrow} was given. When the generator is closed,
     * an error that only {@code catch (Throwable)} catches, and that should be let pass.
     *
     * @return what {@link AsyncGenerator#asend} was given; null when iterated in another way
     */
    @CanIgnoreReturnValue
    @SuppressWarnings("NamedLikeContextualKeyword") // Python's word; it is called on y, not alone
    @Nullable Object yield(T item);
  }

  private final GeneratorBody<T> body;

  /** Whether the body has yielded an item that {@link #next} has not given out. */
  private boolean fetched;

  /** Whether somebody will tell when this has become garbage. */
  private boolean watched;

  private AsyncGenerator(Body<T> body) {
    this.body = new GeneratorBody<>(body);
  }

  /** A generator of what {@code body} yields. */
  public static <T extends @Nullable Object> AsyncGenerator<T> of(Body<T> body) {
    return new AsyncGenerator<>(body);
  }

  /** Itself. */
  @Override
  public AsyncIterator<T> iterator() {
    return this;
  }

  /** Runs the body up to its next {@code yield}; false if it has ended. May suspend. */
  @Override
  public boolean hasNext() {
    if (!fetched) {
      fetched = advance("anext", null, null);
    }
    return fetched;
  }

  /**
   * The next item. May suspend.
   *
   * @throws NoSuchElementException at the end
   */
  @Override
  @CanIgnoreReturnValue
  public T next() {
    if (!hasNext()) {
      throw ended();
    }
    fetched = false;
    return body.item();
  }

  /**
   * Goes on with {@code value} as what the {@code yield} in the body gives, and gives the next
   * item.
   *
   * <p><b>Errors:</b> {@link NoSuchElementException} at the end; {@link IllegalArgumentException}
   * for a value that is not null before the first item, since no {@code yield} is there to give it.
   *
   * <p><b>Source:</b> CPython 3.14, {@code agen.asend}.
   */
  public Coroutine<T> asend(@Nullable Object value) {
    return Coroutine.of(() -> {
      if (value != null && body.created()) {
        throw new IllegalArgumentException(
            "can't send non-None value to a just-started async generator: "
                + this
                + "; take its first item before");
      }
      if (fetched) {
        throw new IllegalStateException(
            "asend(): hasNext() has fetched an item of " + this + "; take it by next() before");
      }
      return itemAfter(advance("asend", value, null));
    });
  }

  /**
   * Throws {@code error} at the {@code yield} where the body stands, and gives the next item if the
   * body catches it and yields again. An item that {@link #hasNext} has fetched is dropped.
   *
   * <p><b>Errors:</b> what the body throws, which usually is {@code error}; {@link
   * NoSuchElementException} if it ends instead or has ended.
   *
   * <p><b>Source:</b> CPython 3.14, {@code agen.athrow}. <b>Differs:</b> that gives None for a
   * generator that has ended.
   */
  public Coroutine<T> athrow(Throwable error) {
    return Coroutine.of(() -> {
      fetched = false;
      return itemAfter(advance("athrow", null, error));
    });
  }

  /**
   * Ends the generator where it stands: its {@code finally} blocks run, and may await. One that has
   * not begun never begins; one that has ended is left alone. An item that {@link #hasNext} has
   * fetched is dropped.
   *
   * <p><b>Errors:</b> what a clean-up block throws; {@link IllegalStateException} if the body
   * yields again.
   *
   * <p><b>Source:</b> CPython 3.14, {@code agen.aclose}.
   */
  public Coroutine<@Nullable Void> aclose() {
    return Coroutine.of(this::closeNow);
  }

  void closeNow() {
    fetched = false;
    try {
      body.close();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** {@link GeneratorBody#advance}; whoever asks for an item keeps the generator alive. */
  boolean advance(String operation, @Nullable Object value, @Nullable Throwable error) {
    try {
      boolean yielded = body.advance(operation, value, error);
      if (yielded && !watched) {
        watched = true;
        body.watch(this);
      }
      return yielded;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private T itemAfter(boolean yielded) {
    if (!yielded) {
      throw ended();
    }
    return body.item();
  }

  private NoSuchElementException ended() {
    return new NoSuchElementException(
        this + " has no more items; ask hasNext() before, or use anext(otherwise)");
  }

  @Override
  public String toString() {
    return body.toString();
  }
}

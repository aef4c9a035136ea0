package dev.asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A callback that is scheduled to run once.
 *
 * <p><b>Threads:</b> loop only; a handle from {@code callSoonThreadsafe} may be cancelled from any
 * thread.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Handle}.
 */
public class Handle implements Runnable {

  private static final VarHandle CANCELLED;

  static {
    try {
      CANCELLED = MethodHandles.lookup().findVarHandle(Handle.class, "cancelled", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final AbstractEventLoop loop;

  /** A {@link Context}, or the {@link Vars} for one that nobody has asked for yet. */
  private Object scope;

  private @Nullable Runnable callback;
  private volatile boolean cancelled;
  private final @Nullable List<StackTraceElement> source;

  Handle(AbstractEventLoop loop, Runnable callback, @Nullable Context context) {
    this(loop, context);
    this.callback = Objects.requireNonNull(callback, "callback");
  }

  /** For one that knows by itself what to {@link #call}. */
  Handle(AbstractEventLoop loop, @Nullable Context context) {
    this.loop = loop;
    this.scope = context != null ? context : Context.copied();
    this.source = loop.getDebug() ? Errors.creationSite() : null;
  }

  /** Prevents the call. No effect once it has run or has been cancelled. */
  public void cancel() {
    if (!cancelled) {
      CANCELLED.setRelease(this, true); // no fence: a loop that reads it late might have run before
      callback = null;
    }
  }

  /** Whether it was cancelled. */
  public final boolean cancelled() {
    return cancelled;
  }

  /** The context the callback runs in. */
  public final Context getContext() {
    if (scope instanceof Vars vars) {
      scope = new Context(vars);
    }
    return (Context) scope;
  }

  /** Runs the callback in its context; called by the loop. */
  @Override
  public final void run() {
    Object what = described();
    if (what == null || cancelled) {
      return;
    }
    if (scope != Vars.NONE) { // which is what code finds that finds nothing
      loop.now.innerScope = scope;
    }
    try {
      if (ContextBridge.none()) {
        call();
      } else {
        ContextBridge.call(Context.varsOf(scope), Executors.callable(this::call));
      }
    } catch (Throwable e) {
      if (Errors.fatal(e)) {
        throw Errors.unchecked(e);
      }
      loop.callExceptionHandler(
          ExceptionContext.of("Exception in callback " + Errors.nameOf(what))
              .exception(e)
              .handle(this));
    } finally {
      if (loop.now.innerScope != null) {
        loop.now.innerScope = null;
      }
    }
  }

  /** Calls what it is for. */
  void call() {
    Runnable now = callback;
    if (now != null) { // as it is after a cancellation, which may come from another thread
      now.run();
    }
  }

  /** What names it in messages. */
  @Nullable Object described() {
    return callback;
  }

  @Nullable List<StackTraceElement> sourceTraceback() {
    return source;
  }

  /** What {@code toString} says besides the callback. */
  String details() {
    return "";
  }

  @Override
  public final String toString() {
    Object what = described();
    return "<"
        + getClass().getSimpleName()
        + (cancelled ? " cancelled" : "")
        + details()
        + (what == null ? "" : " " + Errors.nameOf(what))
        + (source == null || source.isEmpty() ? "" : " created at " + source.getFirst())
        + ">";
  }
}

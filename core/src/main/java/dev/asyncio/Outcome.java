package dev.asyncio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a future holds as long as it has no plain result. A result lies in the future as it is,
 * unless debug mode knows more of it.
 */
abstract sealed class Outcome {

  /** Where the future was created; null outside debug mode. */
  final @Nullable List<StackTraceElement> source;

  Outcome(@Nullable List<StackTraceElement> source) {
    this.source = source;
  }

  /** There is none yet. */
  static final class Pending extends Outcome {
    private static final Pending UNTRACED = new Pending(null);

    private Pending(@Nullable List<StackTraceElement> source) {
      super(source);
    }

    /** For a future that is being made. */
    static Pending on(AbstractEventLoop loop) {
      return loop.getDebug() ? new Pending(Errors.creationSite()) : UNTRACED;
    }
  }

  /** A result in debug mode. */
  static final class Traced extends Outcome {
    final @Nullable Object result;

    Traced(@Nullable Object result, List<StackTraceElement> source) {
      super(source);
      this.result = result;
    }
  }

  /** It was cancelled. */
  static final class Cancelled extends Outcome {
    final @Nullable String message;
    private @Nullable CancelledError first;

    Cancelled(
        @Nullable String message,
        @Nullable CancelledError first,
        @Nullable List<StackTraceElement> source) {
      super(source);
      this.message = message;
      this.first = first;
    }

    /** The very error that ended the future the first time, if there is one; then new ones. */
    CancelledError error() {
      CancelledError error = first;
      first = null;
      return error != null ? error : new CancelledError(message);
    }
  }

  /**
   * The exception it ended with, and whether anybody has looked at it. One that nobody ever looks
   * at is reported to the loop's exception handler: when the future has become garbage, or when the
   * loop closes, whichever is first.
   */
  static final class Failed extends Outcome {
    private final Throwable exception;
    private final Report report;

    Failed(Future<?> future, Throwable exception, @Nullable List<StackTraceElement> source) {
      super(source);
      this.exception = exception;
      this.report = new Report(future, exception, source);
    }

    /** Whoever gets it from here has seen it. */
    Throwable retrieve() {
      report.done();
      return exception;
    }

    Throwable exception() {
      return exception;
    }
  }

  /** What is left to report when the future itself is gone. */
  private static final class Report extends Expected {
    private final ExceptionContext complaint;

    Report(Future<?> future, Throwable exception, @Nullable List<StackTraceElement> source) {
      super(future, future.loop, future instanceof Task<?> task ? task.getContext() : null);
      // The context must not hold the future, or that would never become garbage.
      String who = future.getClass().getSimpleName() + future.details();
      this.complaint =
          new ExceptionContext(
              who + " exception was never retrieved", exception, null, null, null, null, source);
    }

    @Override
    ExceptionContext complaint() {
      return complaint;
    }
  }
}

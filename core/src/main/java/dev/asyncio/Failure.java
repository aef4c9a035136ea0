package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * The exception a future ended with, and whether anybody has looked at it. One that nobody ever
 * looks at is reported to the loop's exception handler: when the future has become garbage, or when
 * the loop closes, whichever is first.
 */
final class Failure {

  /** What is left to report when the future itself is gone. */
  private static final class Report extends Expected {
    private final ExceptionContext complaint;

    Report(Future<?> future, ExceptionContext complaint, @Nullable Context where) {
      super(future, future.loop, where);
      this.complaint = complaint;
    }

    @Override
    ExceptionContext complaint() {
      return complaint;
    }
  }

  private final Throwable exception;
  private final Report report;

  private Failure(Throwable exception, Report report) {
    this.exception = exception;
    this.report = report;
  }

  static Failure of(Future<?> future, Throwable exception) {
    // The context must not hold the future, or that would never become garbage.
    String who = future.getClass().getSimpleName() + future.details();
    var context =
        new ExceptionContext(
            who + " exception was never retrieved",
            exception,
            null,
            null,
            null,
            null,
            future.sourceTraceback());
    Context where = future instanceof Task<?> task ? task.getContext() : null;
    return new Failure(exception, new Report(future, context, where));
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

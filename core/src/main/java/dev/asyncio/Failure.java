package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * The exception a future ended with, and whether anybody has looked at it. One that nobody ever
 * looks at is reported to the loop's exception handler: when the future has become garbage, or when
 * the loop closes, whichever is first.
 */
final class Failure {

  /** What is left to report when the future itself is gone. */
  static final class Report extends Garbage.Watch {
    private final AbstractEventLoop loop;
    private final ExceptionContext context;
    private final @Nullable Context where;
    private boolean settled; // guarded by this

    private Report(Future<?> future, ExceptionContext context, @Nullable Context where) {
      super(future);
      this.loop = future.loop;
      this.context = context;
      this.where = where;
    }

    /** Whether this is the first to retrieve or report it. */
    private synchronized boolean settle() {
      boolean first = !settled;
      settled = true;
      return first;
    }

    @Override
    void found() {
      if (!settled()) {
        loop.neverRetrieved(this);
      }
    }

    private synchronized boolean settled() {
      return settled;
    }

    /** Tells the exception handler, unless somebody has retrieved it. Loop only. */
    void report() {
      loop.unretrieved().remove(this);
      if (settle()) {
        Runnable tell = () -> loop.callExceptionHandler(context);
        if (where == null) {
          tell.run();
        } else {
          where.runUnlessEntered(tell);
        }
      }
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
    var report = new Report(future, context, where);
    var failure = new Failure(exception, report);
    future.loop.unretrieved().add(report); // which keeps it
    return failure;
  }

  /** Whoever gets it from here has seen it. */
  Throwable retrieve() {
    if (report.settle()) {
      report.loop.unretrieved().remove(report);
    }
    return exception;
  }

  Throwable exception() {
    return exception;
  }
}

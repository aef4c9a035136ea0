package dev.asyncio;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * The exception a future ended with, and whether anybody has looked at it. One that nobody ever
 * looks at is reported to the loop's exception handler: when the future has become garbage, or
 * when the loop closes, whichever is first.
 */
final class Failure {

  static final Cleaner CLEANER = Cleaner.create();

  /** What is left to report when the future itself is gone. */
  static final class Report implements Runnable {
    private final AbstractEventLoop loop;
    private final ExceptionContext context;
    private final @Nullable Context where;
    private boolean settled; // guarded by this

    private Report(AbstractEventLoop loop, ExceptionContext context, @Nullable Context where) {
      this.loop = loop;
      this.context = context;
      this.where = where;
    }

    /** Whether this is the first to retrieve or report it. */
    private synchronized boolean settle() {
      boolean first = !settled;
      settled = true;
      return first;
    }

    /** The future is garbage; called by the cleaner's thread. */
    @Override
    public void run() {
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
    var report = new Report(future.loop, context, where);
    var failure = new Failure(exception, report);
    future.loop.unretrieved().add(report);
    CLEANER.register(future, report);
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

package dev.asyncio;

/**
 * A worker ended before, or while, it did what was {@linkplain Worker#submit submitted} to it. What
 * had begun was cancelled there. After a restart {@link Workers#members} has its successor.
 */
public final class WorkerEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception with a message. */
  public WorkerEndedException(String message) {
    super(message);
  }
}

package dev.asyncio;

/** When {@link Asyncio#waitUntil} returns. */
public enum ReturnWhen {
  /** When any future has finished or was cancelled. */
  FIRST_COMPLETED,
  /** When any future has failed (a cancelled one does not count), else when all are done. */
  FIRST_EXCEPTION,
  /** When all are done. */
  ALL_COMPLETED
}

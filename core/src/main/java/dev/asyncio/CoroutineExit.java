package dev.asyncio;

/**
 * Unwinds a coroutine whose loop has been closed, or a generator that is being closed; Python's
 * {@code GeneratorExit}.
 */
final class CoroutineExit extends Error {

  private static final long serialVersionUID = 1L;

  CoroutineExit() {
    this("the event loop was closed while this coroutine was suspended");
  }

  CoroutineExit(String reason) {
    super(reason, null, false, false);
  }
}

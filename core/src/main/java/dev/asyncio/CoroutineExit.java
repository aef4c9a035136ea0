package dev.asyncio;

/** Unwinds a coroutine whose loop has been closed; Python's {@code GeneratorExit}. */
final class CoroutineExit extends Error {

  private static final long serialVersionUID = 1L;

  CoroutineExit() {
    super("the event loop was closed while this coroutine was suspended", null, false, false);
  }
}

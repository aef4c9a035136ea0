package dev.asyncio;

/** What a loop says that was asked for a part of an event loop that it does not have. */
final class Missing {
  private Missing() {}

  static UnsupportedOperationException of(Object loop, String call) {
    return new UnsupportedOperationException(
        loop.getClass().getName() + " has no " + call + "; SelectorEventLoop has");
  }
}

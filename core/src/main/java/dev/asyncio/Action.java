package dev.asyncio;

/** The body of a coroutine that has no result; it may throw anything. */
@FunctionalInterface
public interface Action {

  /** Does it. */
  void run() throws Exception;
}

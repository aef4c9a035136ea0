package dev.asyncio;

/** Gets the errors that nobody awaits; see {@link AbstractEventLoop#setExceptionHandler}. */
@FunctionalInterface
public interface ExceptionHandler {

  /**
   * Called on the loop. What it throws is reported through the default handler.
   *
   * @param loop where it happened
   * @param context what happened, to whom
   */
  void handle(AbstractEventLoop loop, ExceptionContext context);
}

package dev.asyncio.engine;

/**
 * Thrown at the place where a coroutine tried to suspend although its stack cannot be unmounted.
 */
public final class PinnedException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private static final StackWalker WALKER = StackWalker.getInstance();

  PinnedException() {
    super(
        "await cannot suspend here: a native frame or a class initialiser (static { … } or a"
            + " static field's value) is on the stack, and the JVM pins such a thread; move the"
            + " await out of it");
  }

  /**
   * Looks at the stack for what would pin it. The carried engine notices by itself; the portable
   * one would keep an operating system's thread occupied meanwhile, and this tells.
   *
   * <p><b>Cost:</b> a walk over the stack.
   *
   * @throws PinnedException if there is such a frame
   */
  public static void check() {
    boolean pinned =
        WALKER.walk(frames ->
            frames.anyMatch(
                frame -> frame.isNativeMethod() || frame.getMethodName().equals("<clinit>")));
    if (pinned) {
      throw new PinnedException();
    }
  }
}

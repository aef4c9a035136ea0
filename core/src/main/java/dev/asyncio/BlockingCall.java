package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * A task's stay in a blocking JDK call: a suspension that the source does not show. Debug mode
 * tells of each, and a loop can forbid them. Only the carried engine can have one.
 */
final class BlockingCall {

  /** What the strand had as its scope when it stopped; null for the task's own. */
  private final @Nullable Object scope;

  private final long since = System.nanoTime();

  /** The call and the line, where somebody wants to know. */
  private final @Nullable String place;

  /** What the task is to be told, until it has been. */
  private final @Nullable IllegalStateException refusal;

  private BlockingCall(
      @Nullable Object scope, @Nullable String place, @Nullable IllegalStateException refusal) {
    this.scope = scope;
    this.place = place;
    this.refusal = refusal;
  }

  /**
   * The task has stopped in one.
   *
   * @param before one that was refused and whose task has not been told; null if there is none
   */
  static BlockingCall begin(
      Task<?> task, Thread thread, @Nullable Object scope, @Nullable BlockingCall before) {
    AbstractEventLoop loop = task.loop;
    IllegalStateException refusal = before == null ? null : before.refusal;
    if (!loop.getDebug() && !loop.blockingCallsForbidden()) {
      return new BlockingCall(scope, null, refusal);
    }
    String place = place(thread.getStackTrace());
    if (loop.blockingCallsForbidden() && refusal == null) {
      refusal =
          new IllegalStateException(
              task.getName()
                  + " called "
                  + place
                  + ", which blocks, and this loop forbids that; await what does not block, or move"
                  + " the call into toThread(…)");
    }
    return new BlockingCall(scope, place, refusal);
  }

  /** The innermost call of the JDK's that the program made, and where it made it. */
  private static String place(StackTraceElement[] stack) {
    StackTraceElement call = null;
    for (StackTraceElement frame : stack) {
      String module = frame.getModuleName();
      if (module == null || !(module.startsWith("java.") || module.startsWith("jdk."))) {
        return (call == null ? "" : call.getClassName() + "." + call.getMethodName() + " at ")
            + frame.getClassName()
            + "."
            + frame.getMethodName()
            + "("
            + frame.getFileName()
            + ":"
            + frame.getLineNumber()
            + ")";
      }
      call = frame;
    }
    return String.valueOf(call);
  }

  @Nullable Object scope() {
    return scope;
  }

  @Nullable IllegalStateException refusal() {
    return refusal;
  }

  /** The call lets the task go on. */
  void over(Task<?> task) {
    if (place != null && task.loop.getDebug()) {
      Log.ASYNCIO.log(
          System.Logger.Level.INFO,
          "{0} was suspended outside await for {1} ms, by {2}",
          task.getName(),
          (System.nanoTime() - since) / 1_000_000,
          place);
    }
  }
}

package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * What comes at a task between its steps: requests to cancel it, and blocking JDK calls. Most tasks
 * never have one.
 *
 * <p><b>Threads:</b> loop only. Methods that deal with the interrupt status are called on the
 * task's strand.
 */
final class Interference {

  // Cancellation: the open requests, and one that has not been delivered, with its message.
  private int requests;
  private boolean due;
  private @Nullable String message;

  /** Whether the thread was interrupted for the sake of the request that is due. */
  private boolean interrupted;

  /** The blocking JDK call it stands in, or one that was refused until it is told so. */
  private @Nullable BlockingCall call;

  /** Whether an entry in the ready queue is void, since the strand could not suspend after all. */
  private boolean voidStep;

  // ---- cancellation

  int requests() {
    return requests;
  }

  /** The message of the last request. */
  @Nullable String message() {
    return message;
  }

  void request() {
    requests++;
  }

  /** The task has to be told of a request, since what it waits for cannot. */
  void fallsDue(@Nullable String withMessage) {
    due = true;
    message = withMessage;
  }

  /** Whether the task still has to be told of a request. */
  boolean isDue() {
    return due;
  }

  /**
   * Takes back one request; at zero, one that is due is withdrawn.
   *
   * @param current whether the task does it itself
   * @return how many remain
   */
  int takeBack(boolean current) {
    if (requests > 0) {
      requests--;
      if (requests == 0) {
        due = false;
        if (current) {
          forgetInterrupt(); // the blocking call it was meant for is over
        }
      }
    }
    return requests;
  }

  /** The error for a request that is due, which then no longer is; null if none is. */
  @Nullable CancelledError takeDue() {
    if (!due) {
      return null;
    }
    due = false;
    return new CancelledError(message);
  }

  /** The task ends otherwise: it is not told of the request that is due. */
  void withdraw() {
    due = false;
  }

  /** Has {@code future}, which the task is going to wait for, carry the request that is due. */
  void passOnTo(Future<?> future) {
    if (due) {
      due = !future.cancel(message);
    }
  }

  // ---- blocking calls

  void interrupt(Thread thread) {
    interrupted = true;
    thread.interrupt();
  }

  /** Takes back the interrupt that stood for a request, now that this is dealt with otherwise. */
  void forgetInterrupt() {
    if (interrupted) {
      interrupted = false;
      Thread.interrupted();
    }
  }

  /** The task has stopped in a blocking JDK call. */
  void stopped(Task<?> task, Thread thread, @Nullable Object scope) {
    call = BlockingCall.begin(task, thread, scope, call);
    if (call.refusal() != null) {
      thread.interrupt();
    }
    if (due && !interrupted) { // asked before the call began: by the task itself
      interrupt(thread);
    }
  }

  /**
   * The call is over.
   *
   * @return the scope that the code had which made it; null for the task's own
   */
  @Nullable Object proceeds(Task<?> task) {
    BlockingCall over = call;
    if (over == null) {
      return null;
    }
    over.over(task);
    if (over.refusal() == null) {
      call = null;
    }
    return over.scope();
  }

  /** What an error means that leaves a coroutine or a scope: see {@link Task#interruption}. */
  Throwable meaningOf(Throwable e) {
    if (!Errors.fromInterrupt(e)) {
      return e;
    }
    Throwable meant = interrupted ? takeDue() : null;
    if (meant != null) {
      forgetInterrupt();
    } else {
      meant = takeRefusal();
    }
    return meant == null ? e : meant.initCause(e);
  }

  /** What the task is to be told of a call that was refused, if it has not been told. */
  private @Nullable IllegalStateException takeRefusal() {
    IllegalStateException refusal = call == null ? null : call.refusal();
    if (refusal != null) {
      call = null;
      Thread.interrupted(); // which was to end the call
    }
    return refusal;
  }

  /** Where the call would not be interrupted the task hears of it at its next await, or its end. */
  void throwIfRefused() {
    IllegalStateException refusal = takeRefusal();
    if (refusal != null) {
      throw refusal;
    }
  }

  // ---- void steps

  void makeStepVoid() {
    voidStep = true;
  }

  /** Whether the step that is about to be made is void; the next one is not. */
  boolean voidsStep() {
    boolean isVoid = voidStep;
    voidStep = false;
    return isVoid;
  }
}

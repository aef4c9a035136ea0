package dev.asyncio.engine;

/** Thrown at the place where a coroutine tried to suspend although its stack cannot be unmounted. */
public final class PinnedException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  PinnedException() {
    super(
        "await cannot suspend here: a native frame or a class initialiser (static { … } or a"
            + " static field's value) is on the stack, and the JVM pins such a thread; move the"
            + " await out of it");
  }
}

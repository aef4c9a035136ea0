package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Ties a primitive to the loop of its first contended use. Before that it belongs to no loop, so a
 * lock or queue may be made outside of any.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.mixins._LoopBoundMixin}.
 */
final class LoopBinding {
  private final Object owner;
  private @Nullable AbstractEventLoop loop;

  /**
   * Makes the binding of a primitive.
   *
   * @param owner the primitive, for the error message
   */
  LoopBinding(Object owner) {
    this.owner = owner;
  }

  /** The primitive that is tied. */
  Object owner() {
    return owner;
  }

  /** Returns the running loop, to which the owner is tied from now on if it was to none. */
  AbstractEventLoop require(AbstractEventLoop running) {
    if (loop == null) {
      loop = running;
    }
    if (loop != running) {
      throw new IllegalStateException(
          owner + " is bound to a different event loop; make one for each loop that needs it");
    }
    return running;
  }
}

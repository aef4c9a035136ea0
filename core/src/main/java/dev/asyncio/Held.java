package dev.asyncio;

/**
 * Something that was acquired and is released at the end of a block.
 *
 * {@snippet :
 * try (var _ = lock.hold().await()) {
 *   balance -= amount;
 * }
 * }
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, leaving {@code async with lock}.
 *
 * @see Lock#hold()
 * @see Semaphore#hold()
 * @see Condition#hold()
 */
public final class Held implements AutoCloseable {
  private final Holdable owner;
  private boolean released;

  /** What can be held: acquired first, released once. */
  interface Holdable {
    void release();
  }

  Held(Holdable owner) {
    this.owner = owner;
  }

  /**
   * Releases what is held; a second call does nothing.
   *
   * @throws IllegalStateException if it was released by hand meanwhile and nobody else has it
   */
  @Override
  public void close() {
    if (!released) {
      released = true;
      owner.release();
    }
  }

  @Override
  public String toString() {
    return "<Held " + (released ? "released " : "") + owner + ">";
  }
}

package dev.asyncio;

import org.jspecify.annotations.Nullable;

/** {@link AsyncContextManager#of}. */
final class YieldingOnce<T extends @Nullable Object> implements AsyncContextManager<T> {

  private final AsyncGenerator<T> generator;

  YieldingOnce(AsyncGenerator<T> generator) {
    this.generator = generator;
  }

  @Override
  public Coroutine<T> aenter() {
    return Coroutine.of(() -> {
      if (!generator.hasNext()) {
        throw new IllegalStateException(
            "generator didn't yield: "
                + generator
                + " ended before the block, or has been used; it has to yield exactly once");
      }
      return generator.next();
    });
  }

  @Override
  public Coroutine<Boolean> aexit(@Nullable Throwable error) {
    return Coroutine.of(() -> error == null ? leave() : leave(error));
  }

  private boolean leave() {
    if (generator.hasNext()) {
      throw yieldedAgain("generator didn't stop");
    }
    return false;
  }

  private boolean leave(Throwable error) {
    boolean again;
    try {
      again = generator.advance("athrow", null, error);
    } catch (Throwable e) {
      if (e == error) {
        return false;
      }
      throw e;
    }
    if (again) {
      throw yieldedAgain("generator didn't stop after athrow()");
    }
    return true;
  }

  private IllegalStateException yieldedAgain(String what) {
    var e =
        new IllegalStateException(
            what + ": " + generator + " yielded a second time; it has to yield exactly once");
    try {
      generator.closeNow();
    } catch (RuntimeException | Error inClosing) {
      e.addSuppressed(inClosing);
    }
    return e;
  }

  @Override
  public String toString() {
    return "<AsyncContextManager of " + generator + ">";
  }
}

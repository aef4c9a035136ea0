package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.Nullable;

/**
 * What is done at the end of a block, told how the block ended; it may suspend.
 *
 * <p><b>Source:</b> CPython 3.14, {@code object.__aexit__}.
 */
@FunctionalInterface
@CheckReturnValue
public interface AsyncExit {

  /**
   * Leaves the block.
   *
   * @param error what came out of it; null if it ended well
   * @return a coroutine that ends with true to swallow the error, false to let it pass; what it
   *     throws takes the error's place
   */
  Coroutine<Boolean> aexit(@Nullable Throwable error);
}

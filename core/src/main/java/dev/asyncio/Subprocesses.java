package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * The part of a loop that starts child processes and hears signals.
 *
 * <p>A loop that can do neither leaves the methods as they are here; they say so with an {@link
 * UnsupportedOperationException} when they are called.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.AbstractEventLoop}.
 */
@CheckReturnValue
public interface Subprocesses {}

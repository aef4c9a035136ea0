package dev.asyncio;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * The part of a loop that works on a program's own channels: watching them, and waiting for what
 * they do.
 *
 * <p>A loop without a network leaves the methods as they are here; they say so with an {@link
 * UnsupportedOperationException} when they are called.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code asyncio.AbstractEventLoop}.
 */
@CheckReturnValue
public interface SocketOperations {}

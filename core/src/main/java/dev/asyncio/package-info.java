/**
 * asyncio for Java: what a program imports first.
 *
 * <p>Reading order: {@link dev.asyncio.Asyncio} (the functions), {@link dev.asyncio.Coroutine} and
 * {@link dev.asyncio.Awaitable}, {@link dev.asyncio.Future}, {@link dev.asyncio.Task}, {@link
 * dev.asyncio.AbstractEventLoop}; then what is built of these: {@link dev.asyncio.TaskGroup},
 * {@link dev.asyncio.Timeout}, {@link dev.asyncio.Lock} and its kin, {@link dev.asyncio.Queue},
 * {@link dev.asyncio.AsyncGenerator}, {@link dev.asyncio.AsyncExitStack}; and above all loops
 * {@link dev.asyncio.Workers}.
 */
@NullMarked
package dev.asyncio;

import org.jspecify.annotations.NullMarked;

/**
 * The one place that knows how a coroutine's stack stops and goes on.
 *
 * <p>A {@link dev.asyncio.engine.Strand} is one such stack. An {@link dev.asyncio.engine.Engine}
 * makes them: {@link dev.asyncio.engine.CarriedEngine} runs them as virtual threads whose scheduler
 * is the event loop, {@link dev.asyncio.engine.PortableEngine} needs public API only. Nothing
 * outside this package can tell the two apart but by asking.
 */
@NullMarked
package dev.asyncio.engine;

import org.jspecify.annotations.NullMarked;

/**
 * The event loops themselves. {@link dev.asyncio.loop.BaseEventLoop} is a turn: poll, gather what
 * is due, run what was ready; {@link dev.asyncio.loop.SelectorEventLoop} adds I/O on the JDK's
 * selector.
 */
@NullMarked
package dev.asyncio.loop;

import org.jspecify.annotations.NullMarked;

/**
 * System calls of Linux, through the foreign function API. {@link dev.asyncio.linux.Libc} makes
 * them; {@link dev.asyncio.linux.Availability} says whether it can.
 */
@NullMarked
package dev.asyncio.linux;

import org.jspecify.annotations.NullMarked;

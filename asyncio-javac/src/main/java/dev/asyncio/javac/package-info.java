/** Finds, at compile time, coroutines that are made and never awaited. */
@NullMarked
package dev.asyncio.javac;

import org.jspecify.annotations.NullMarked;

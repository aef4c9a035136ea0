/**
 * How children are started, watched and talked to. {@link dev.asyncio.child.Children} is the way
 * in; {@code Launcher} is the seam between what every system has in common and the two mechanisms:
 * system calls of Linux, and the JDK's {@code ProcessBuilder}.
 */
@NullMarked
package dev.asyncio.child;

import org.jspecify.annotations.NullMarked;

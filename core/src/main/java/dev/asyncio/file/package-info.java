/**
 * Files whose reads and writes never block the loop: {@link dev.asyncio.file.AsyncFile} for what is
 * open, {@link dev.asyncio.file.AsyncPath} for what has a name.
 *
 * <p>Neither Linux's readiness nor the JDK knows of files that are not ready, so somebody has to
 * block: a virtual thread of the loop's default executor, for each call. That takes about as long
 * as a pool of platform threads or {@link java.nio.channels.AsynchronousFileChannel}, which is such
 * a pool too; but it is not used up by a few slow calls (the JDK lets 256 block at a time), starts
 * nothing where no file is used, and is waited for when the loop closes.
 *
 * <p><b>Cancellation:</b> a call to the system cannot be called back. Cancelling stops the waiting;
 * what was begun ends by itself.
 *
 * <p>CPython's asyncio has nothing of the kind; the names follow AnyIO's.
 */
@NullMarked
package dev.asyncio.file;

import org.jspecify.annotations.NullMarked;

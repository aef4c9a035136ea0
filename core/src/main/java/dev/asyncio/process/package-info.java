/** Child processes with streams: {@link dev.asyncio.process.AsyncProcess}. */
@NullMarked
package dev.asyncio.process;

import org.jspecify.annotations.NullMarked;

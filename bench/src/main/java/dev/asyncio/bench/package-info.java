/**
 * Benchmarks: a JMH class for each question, and the programs that {@code bench/compare} and {@code
 * bench/growth} run beside the peers.
 *
 * <p>Each JMH class holds its workload as a static method that runs inside a coroutine; {@link
 * dev.asyncio.bench.Primitives} measures the very same methods. {@code -prof gc} adds the column
 * {@code gc.alloc.rate.norm}, the bytes allocated for one operation.
 */
@NullMarked
package dev.asyncio.bench;

import org.jspecify.annotations.NullMarked;

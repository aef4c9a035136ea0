/**
 * Random programs, and the demand that each does the same on every run and every engine and leaves
 * nothing behind.
 *
 * <p>Reading order: {@link dev.asyncio.conformance.stress.Stress} is what is demanded, {@link
 * dev.asyncio.conformance.stress.Execution} what is seen of one run, {@link
 * dev.asyncio.conformance.stress.ProgramRunner} what has to be given. {@link
 * dev.asyncio.conformance.stress.RandomPrograms} makes the programs: an {@link
 * dev.asyncio.conformance.stress.Author} writes one, body by body, out of {@link
 * dev.asyncio.conformance.stress.Move}s that an {@link dev.asyncio.conformance.stress.Area} makes
 * likely.
 */
@NullMarked
package dev.asyncio.conformance.stress;

import org.jspecify.annotations.NullMarked;

/**
 * Replays recorded runs of CPython 3.14's asyncio against this library.
 *
 * <p>A case is a small program in the JSON language that {@code SPEC.md} describes, with the trace
 * that CPython gave for it in virtual time. Reading order: {@link dev.asyncio.conformance.Case} and
 * {@link dev.asyncio.conformance.Program} are what a case says, {@link
 * dev.asyncio.conformance.Term} how a program is written; {@link
 * dev.asyncio.conformance.CaseRunner} runs one, with an {@link dev.asyncio.conformance.Interpreter}
 * over a loop whose time is a {@link dev.asyncio.conformance.VirtualClock}; {@link
 * dev.asyncio.conformance.Comparison} and {@link dev.asyncio.conformance.Report} say what came out.
 */
@NullMarked
package dev.asyncio.conformance;

import org.jspecify.annotations.NullMarked;

/**
 * The {@code asyncio} command, behind the script of that name.
 *
 * <p>Reading order: {@link dev.asyncio.cli.Main} takes the arguments, {@link
 * dev.asyncio.cli.ProgramRun} gets a program from source to exit status, with {@link
 * dev.asyncio.cli.SourceCompiler} and {@link dev.asyncio.cli.ProgramCache} to make its classes or
 * find them made, and {@link dev.asyncio.cli.MainMethod} to start it.
 */
@NullMarked
package dev.asyncio.cli;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.asyncio.cli;

import org.jspecify.annotations.NullMarked;

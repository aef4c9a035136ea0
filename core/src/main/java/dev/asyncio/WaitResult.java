package dev.asyncio;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Asyncio#waitUntil} found, each in the order it was given.
 *
 * @param done the futures that are done
 * @param pending those that are not
 */
public record WaitResult<T extends @Nullable Object>(
    Set<Future<? extends T>> done, Set<Future<? extends T>> pending) {}

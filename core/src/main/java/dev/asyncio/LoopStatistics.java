package dev.asyncio;

/**
 * How much a loop has to do, and what it holds: {@link AbstractEventLoop#statistics}.
 *
 * <p>When a loop is closed nothing is left of it: everything but {@code turns} is 0.
 *
 * @param tasks that are not done
 * @param ready callbacks and steps of tasks that wait for their turn, cancelled ones among them;
 *     what other threads have handed over counts from the next turn on
 * @param timers callbacks that wait for their time; cancelled ones don't count
 * @param turns that the loop has begun since it was made
 * @param strands virtual threads of tasks and generators that are alive
 */
public record LoopStatistics(int tasks, int ready, int timers, long turns, int strands) {}

package dev.asyncio;

/**
 * What a worker has done and has to do: {@link Worker#statistics}.
 *
 * @param index of the worker
 * @param accepted connections that its servers have got since it began
 * @param connections of those, the ones that are open
 * @param handlers of streams that have not ended
 * @param loop what its loop has to do
 */
public record WorkerStatistics(
    int index, long accepted, int connections, int handlers, LoopStatistics loop) {}
